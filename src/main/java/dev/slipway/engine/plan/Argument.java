package dev.slipway.engine.plan;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// An argument of a step. Those that are addresses of something are written to the pool of the file.
sealed interface Argument {
    /// A number.
    ///
    /// @param text how a listing shows it
    record Value(long value, String text) implements Argument {
        @Override
        public String toString() {
            return text;
        }
    }

    /// What an earlier step left.
    record From(Slot slot) implements Argument {
        @Override
        public String toString() {
            return slot.toString();
        }
    }

    /// Address of a string.
    record Text(String text) implements Argument {
        @Override
        public String toString() {
            return "\"" + text.replace("\n", "\\n") + "\"";
        }
    }

    /// Address of a vector of strings.
    ///
    /// @param shown how a listing shows it; an environment may hold secrets
    record Texts(List<String> texts, String shown) implements Argument {
        public Texts {
            texts = List.copyOf(texts);
        }

        @Override
        public String toString() {
            return shown;
        }
    }

    /// Address of a structure.
    ///
    /// @param bytes in native byte order; nobody changes them
    record Bytes(byte[] bytes, String text) implements Argument {
        @Override
        public String toString() {
            return text;
        }
    }

    /// Address of a `struct open_how`, whose flags differ between machines.
    record Opening(List<OpenFlag> flags, int mode, long resolve) implements Argument {
        static final long NO_MAGICLINKS = 0x02;
        static final long NO_SYMLINKS = 0x04;
        static final long BENEATH = 0x08;
        static final long IN_ROOT = 0x10;

        public Opening {
            flags = List.copyOf(flags);
        }

        @Override
        public String toString() {
            String names = flags.stream().map(Enum::name).collect(Collectors.joining("|"));
            return "{" + names + (mode == 0 ? "" : " " + Integer.toOctalString(mode)) + resolving() + "}";
        }

        private String resolving() {
            return ((resolve & IN_ROOT) != 0 ? " in root" : "")
                    + ((resolve & BENEATH) != 0 ? " beneath" : "")
                    + ((resolve & NO_SYMLINKS) != 0 ? " no links" : "");
        }
    }

    /// Address of a `struct sock_fprog` with the instructions behind it.
    record Filter(byte[] instructions) implements Argument {
        static final int INSTRUCTION_BYTES = 8;

        int count() {
            return instructions.length / INSTRUCTION_BYTES;
        }

        @Override
        public String toString() {
            return "filter of " + count() + " instructions";
        }
    }

    /// Address in the pool's scratch space, where calls leave what later steps look at.
    record Scratch(int offset) implements Argument {
        static final int BYTES = 4096;

        @Override
        public String toString() {
            return offset == 0 ? "scratch" : "scratch+" + offset;
        }
    }

    static Value number(long value) {
        return new Value(value, Long.toString(value));
    }

    /// Flags, or-ed.
    static Value flags(Value... flags) {
        long value = Arrays.stream(flags).mapToLong(Value::value).reduce(0, (a, b) -> a | b);
        return new Value(value, Arrays.stream(flags).map(Value::text).collect(Collectors.joining("|")));
    }

    static Texts argv(List<String> texts) {
        return new Texts(texts, texts.toString());
    }
}
