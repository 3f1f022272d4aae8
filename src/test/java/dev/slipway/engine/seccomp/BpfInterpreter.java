package dev.slipway.engine.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Runs a filter as the kernel does, and refuses what the kernel would refuse to load.
///
/// @spec https://docs.kernel.org/networking/filter.html Classic BPF
final class BpfInterpreter {
    private static final int LONGEST_PROGRAM = 4096;
    private static final int DATA_BYTES = 64;

    private final int[] codes;
    private final int[] ifTrue;
    private final int[] ifFalse;
    private final int[] values;

    BpfInterpreter(byte[] program) {
        int count = program.length / BpfAssembler.INSTRUCTION_BYTES;
        if (program.length % BpfAssembler.INSTRUCTION_BYTES != 0 || count == 0 || count > LONGEST_PROGRAM) {
            throw new IllegalArgumentException("program of %d bytes".formatted(program.length));
        }
        codes = new int[count];
        ifTrue = new int[count];
        ifFalse = new int[count];
        values = new int[count];
        ByteBuffer bytes = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            codes[i] = bytes.getShort() & 0xffff;
            ifTrue[i] = bytes.get() & 0xff;
            ifFalse[i] = bytes.get() & 0xff;
            values[i] = bytes.getInt();
            requireLoadable(i, count);
        }
        if (codes[count - 1] != 0x06) {
            throw new IllegalArgumentException("program does not end with a return");
        }
    }

    int length() {
        return codes.length;
    }

    /// @return what the program answers to the call
    int run(int architecture, int number, long... arguments) {
        int word = 0;
        int at = 0;
        while (true) {
            int value = values[at];
            switch (codes[at]) {
                case 0x20 ->
                    word = switch (value) {
                        case 0 -> number;
                        case 4 -> architecture;
                        default -> argument(arguments, value);
                    };
                case 0x54 -> word &= value;
                case 0x05 -> at += value;
                case 0x15 -> at += word == value ? ifTrue[at] : ifFalse[at];
                case 0x35 -> at += Integer.compareUnsigned(word, value) >= 0 ? ifTrue[at] : ifFalse[at];
                case 0x45 -> at += (word & value) != 0 ? ifTrue[at] : ifFalse[at];
                case 0x06 -> {
                    return value;
                }
                default -> throw new IllegalStateException("code " + codes[at]);
            }
            at++;
        }
    }

    /// The low word of each comes first; those that the caller left out are zero.
    private static int argument(long[] arguments, int offset) {
        if (offset < 16) {
            throw new IllegalStateException("load of word " + offset);
        }
        int index = (offset - 16) / 8;
        long argument = index < arguments.length ? arguments[index] : 0;
        return (int) (offset % 8 == 0 ? argument : argument >>> 32);
    }

    private void requireLoadable(int at, int count) {
        int furthest =
                switch (codes[at]) {
                    case 0x20 -> values[at] % 4 == 0 && values[at] >= 0 && values[at] < DATA_BYTES ? 0 : count;
                    case 0x54 -> 0;
                    case 0x05 -> values[at];
                    case 0x15, 0x35, 0x45 -> Math.max(ifTrue[at], ifFalse[at]);
                    case 0x06 -> -1;
                    default -> count;
                };
        if (furthest < -1 || at + 1 + furthest >= count && furthest >= 0) {
            throw new IllegalArgumentException("instruction %d is not valid or jumps out".formatted(at));
        }
    }
}
