package dev.slipway.engine.plan;

import dev.slipway.engine.linux.Errno;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes the file of a plan, as `plan.h` describes it. An instance writes one file.
public final class PlanWriter {
    static final int MAGIC = 0x4e4c5053;
    static final int VERSION = 1;
    static final int LARGEST = 16777216;
    static final int NO_REGISTER = 65535;
    static final int TERMINAL = 1;
    static final int STDIN = 2;
    static final int STDIN_ONCE = 4;
    static final int GUEST = 8;
    static final int LISTENER = 4;
    static final int TARGET = 5;
    static final int HEADER_BYTES = 64;
    static final int STEP_BYTES = 64;
    private static final int ARGUMENTS = 6;
    private static final int ARGUMENTS_OFFSET = 16;

    private final LaunchPlan plan;
    private final Architecture architecture;
    private final Pool pool = new Pool();
    private final List<Integer> relocations = new ArrayList<>();

    private PlanWriter(LaunchPlan plan, Architecture architecture) {
        this.plan = plan;
        this.architecture = architecture;
    }

    /// @throws IllegalArgumentException when the plan is larger than a shim takes
    public static byte[] write(LaunchPlan plan, Architecture architecture) {
        return new PlanWriter(plan, architecture).file();
    }

    private byte[] file() {
        ByteBuffer steps = nativeBuffer(plan.steps().size() * STEP_BYTES);
        plan.steps().forEach(step -> write(step, steps));
        int relocationBytes = 4 * (relocations.size() + pool.relocations.size());
        int poolStart = aligned(HEADER_BYTES + steps.capacity() + relocationBytes);
        byte[] content = pool.bytes();
        int size = poolStart + content.length;
        if (size > LARGEST) {
            throw new IllegalArgumentException("arguments and environment are too long: a plan of " + size + " bytes");
        }
        ByteBuffer file = nativeBuffer(size);
        file.putInt(MAGIC).putInt(VERSION).putInt(size).putInt(flags());
        file.putInt(plan.steps().size()).putInt(relocationBytes / 4);
        file.position(HEADER_BYTES).put(steps.flip());
        relocations.forEach(file::putInt);
        pool.relocations.forEach(place -> file.putInt(poolStart + place));
        file.position(poolStart).put(content);
        relocations.forEach(place -> file.putLong(place, poolStart + file.getLong(place)));
        pool.relocations.forEach(place -> file.putLong(poolStart + place, poolStart + file.getLong(poolStart + place)));
        return file.array();
    }

    private int flags() {
        return (plan.stdio().terminal() ? TERMINAL : 0)
                | (plan.stdio().stdin() ? STDIN : 0)
                | (plan.stdio().stdinOnce() ? STDIN_ONCE : 0)
                | (plan.guest() ? GUEST : 0);
    }

    private void write(Step step, ByteBuffer to) {
        int start = to.position();
        to.putInt(step.call().number(architecture));
        to.putShort((short) (int) step.into().map(Slot::number).orElse(NO_REGISTER));
        to.putShort((short) registers(step));
        to.putShort((short) step.skipOnSuccess()).putShort((short) step.skipOnError());
        for (int i = 0; i < 2; i++) {
            to.putShort((short) (i < step.tolerated().size() ? tolerated(step, i) : 0));
        }
        for (int i = 0; i < ARGUMENTS; i++) {
            to.putLong(i < step.arguments().size() ? value(step.arguments().get(i), start, i) : 0);
        }
    }

    private static int tolerated(Step step, int index) {
        Errno errno = step.tolerated().get(index);
        return errno.number();
    }

    private static int registers(Step step) {
        int bits = 0;
        for (int i = 0; i < step.arguments().size(); i++) {
            bits |= step.arguments().get(i) instanceof Argument.From ? 1 << i : 0;
        }
        return bits;
    }

    private long value(Argument argument, int step, int index) {
        return switch (argument) {
            case Argument.Value value -> value.value();
            case Argument.From from -> from.slot().number();
            case Argument.Text text -> address(pool.text(text.text()), step, index);
            case Argument.Texts texts -> address(pool.texts(texts.texts()), step, index);
            case Argument.Bytes bytes -> address(pool.structure(bytes.bytes()), step, index);
            case Argument.Opening opening -> address(pool.structure(how(opening)), step, index);
            case Argument.Filter filter -> address(pool.filter(filter), step, index);
            case Argument.Scratch scratch -> address(pool.scratch() + scratch.offset(), step, index);
        };
    }

    private byte[] how(Argument.Opening opening) {
        return nativeBuffer(24)
                .putLong(OpenFlag.bits(opening.flags(), architecture))
                .putLong(opening.mode())
                .putLong(opening.resolve())
                .array();
    }

    private long address(int offset, int step, int index) {
        relocations.add(HEADER_BYTES + step + ARGUMENTS_OFFSET + 8 * index);
        return offset;
    }

    private static ByteBuffer nativeBuffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }

    private static int aligned(int offset) {
        return offset + 7 & ~7;
    }

    /// Strings and structures, each on a multiple of eight; equal strings are there once.
    private static final class Pool {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final Map<String, Integer> texts = new HashMap<>();
        private final List<Integer> relocations = new ArrayList<>();
        private int scratch = -1;

        /// A string that ends before the last byte of the pool, so that every string ends.
        int text(String text) {
            return texts.computeIfAbsent(text, key -> structure((key + "\0").getBytes(StandardCharsets.UTF_8)));
        }

        int texts(List<String> list) {
            int[] offsets = list.stream().mapToInt(this::text).toArray();
            ByteBuffer vector = nativeBuffer(8 * (offsets.length + 1));
            for (int i = 0; i < offsets.length; i++) {
                relocations.add(out.size() + 8 * i);
                vector.putLong(offsets[i]);
            }
            return structure(vector.array());
        }

        int filter(Argument.Filter filter) {
            int instructions = structure(filter.instructions());
            relocations.add(out.size() + 8);
            return structure(nativeBuffer(16)
                    .putLong(filter.count())
                    .putLong(instructions)
                    .array());
        }

        int scratch() {
            if (scratch < 0) {
                scratch = structure(new byte[Argument.Scratch.BYTES]);
            }
            return scratch;
        }

        int structure(byte[] bytes) {
            int offset = out.size();
            out.writeBytes(bytes);
            out.writeBytes(new byte[aligned(out.size()) - out.size()]);
            return offset;
        }

        /// With a NUL at the very end.
        byte[] bytes() {
            out.writeBytes(new byte[8]);
            return out.toByteArray();
        }
    }
}
