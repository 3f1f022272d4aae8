package dev.slipway.engine.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Writes an eBPF program from its end to its beginning: what an instruction leads to is always there already. A
/// *label* is an instruction that was written, counted from the end.
///
/// @spec https://docs.kernel.org/bpf/standardization/instruction-set.html BPF Instruction Set Architecture
final class EbpfAssembler {
    static final int INSTRUCTION_BYTES = 8;

    private static final int LOAD_WORD = 0x61;
    private static final int MOVE = 0xbc;
    private static final int MOVE_VALUE = 0xb4;
    private static final int AND_VALUE = 0x54;
    private static final int SHIFT_RIGHT = 0x74;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_DIFFERENT = 0x55;
    private static final int EXIT = 0x95;
    /// The kernel's BPF_MAXINSNS, which older ones hold everybody to.
    private static final int LONGEST_PROGRAM = 4096;

    private final List<Instruction> backward = new ArrayList<>();

    /// A register, by its number.
    enum Register {
        /// What a program ends with.
        R0,
        /// Where its context is, at first.
        R1,
        R2,
        R3,
        R4,
        R5
    }

    /// Ends with `value`.
    int exit(int value) {
        append(EXIT, Register.R0, Register.R0, 0, 0);
        return append(MOVE_VALUE, Register.R0, Register.R0, 0, value);
    }

    /// Goes on at `next`.
    int jump(int next) {
        return append(JUMP, Register.R0, Register.R0, distance(next), 0);
    }

    /// Loads the word at `offset` behind `base`, then goes on with what was written before.
    int load(Register into, Register base, int offset) {
        return append(LOAD_WORD, into, base, offset, 0);
    }

    /// Copies a word.
    int move(Register into, Register from) {
        return append(MOVE, into, from, 0, 0);
    }

    /// Keeps the bits of `mask` of a word.
    int mask(Register register, int mask) {
        return append(AND_VALUE, register, Register.R0, 0, mask);
    }

    /// Drops the lowest `bits` of a word.
    int shift(Register register, int bits) {
        return append(SHIFT_RIGHT, register, Register.R0, 0, bits);
    }

    /// Goes to `then` if the register has another value, else on with what was written before.
    int ifDifferent(Register register, int value, int then) {
        return append(JUMP_IF_DIFFERENT, register, Register.R0, distance(then), value);
    }

    /// The program that begins with the instruction written last, as an array of `struct bpf_insn`.
    byte[] program() {
        if (backward.size() > LONGEST_PROGRAM) {
            throw new IllegalStateException("filter has %d instructions".formatted(backward.size()));
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(backward.size() * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        backward.reversed().forEach(instruction -> instruction.put(bytes));
        return bytes.array();
    }

    /// How many instructions lie between the next one written and `label`.
    private int distance(int label) {
        return backward.size() - label;
    }

    private int append(int code, Register destination, Register source, int offset, int value) {
        backward.add(new Instruction(code, destination, source, offset, value));
        return backward.size();
    }

    private record Instruction(int code, Register destination, Register source, int offset, int value) {
        /// Registers share a byte; both machines that are supported have the destination in its lower half.
        void put(ByteBuffer bytes) {
            bytes.put((byte) code)
                    .put((byte) (source.ordinal() << 4 | destination.ordinal()))
                    .putShort((short) offset)
                    .putInt(value);
        }
    }
}
