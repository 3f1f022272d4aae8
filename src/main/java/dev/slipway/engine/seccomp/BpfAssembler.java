package dev.slipway.engine.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes a classic BPF program from its end to its beginning, because its jumps only lead forward: what an
/// instruction leads to is always there already. A *label* is an instruction that was written, counted from the end.
///
/// @spec https://docs.kernel.org/networking/filter.html Classic BPF
final class BpfAssembler {
    static final int INSTRUCTION_BYTES = 8;

    private static final int LD_W_ABS = 0x20;
    private static final int AND_K = 0x54;
    private static final int JA = 0x05;
    private static final int JEQ = 0x15;
    private static final int JGE = 0x35;
    private static final int JSET = 0x45;
    private static final int RET = 0x06;
    /// The kernel's BPF_MAXINSNS.
    private static final int LONGEST_PROGRAM = 4096;
    /// Furthest target of a conditional jump, in instructions that are skipped.
    private static final int REACH = 255;

    private final List<Instruction> backward = new ArrayList<>();
    private final Map<Integer, Integer> returns = new HashMap<>();

    /// Ends with `value`; shares an instruction that does so if that one is near.
    int ret(int value) {
        Integer known = returns.get(value);
        // Two more instructions may come before the jump: detours of its two targets.
        if (known != null && distance(known) + 2 <= REACH) {
            return known;
        }
        int label = append(new Instruction(RET, 0, 0, value));
        returns.put(value, label);
        return label;
    }

    /// Loads the word at `offset` of `struct seccomp_data`, then goes on at `next`.
    int load(int offset, int next) {
        fallThrough(next);
        return append(new Instruction(LD_W_ABS, 0, 0, offset));
    }

    /// Keeps the bits of `mask` in the loaded word, then goes on at `next`.
    int mask(int mask, int next) {
        fallThrough(next);
        return append(new Instruction(AND_K, 0, 0, mask));
    }

    /// Goes to `then` if the loaded word is `value`.
    int ifEqual(int value, int then, int otherwise) {
        return jump(JEQ, value, then, otherwise);
    }

    /// Goes to `then` if the loaded word, unsigned, is at least `value`.
    int ifAtLeast(int value, int then, int otherwise) {
        return jump(JGE, value, then, otherwise);
    }

    /// Goes to `then` if the loaded word has any bit of `mask`.
    int ifAnyOf(int mask, int then, int otherwise) {
        return jump(JSET, mask, then, otherwise);
    }

    /// The program that begins with the instruction written last, as an array of `struct sock_filter`.
    byte[] program() {
        if (backward.size() > LONGEST_PROGRAM) {
            throw new IllegalStateException("filter has %d instructions".formatted(backward.size()));
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(backward.size() * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        backward.reversed().forEach(instruction -> instruction.put(bytes));
        return bytes.array();
    }

    private int jump(int code, int value, int then, int otherwise) {
        // Making the second target near may need one instruction, which moves the first one further away.
        int nearThen = near(then, 1);
        int nearOtherwise = near(otherwise, 0);
        return append(new Instruction(code, distance(nearThen), distance(nearOtherwise), value));
    }

    private int near(int label, int reserve) {
        return distance(label) + reserve <= REACH ? label : detour(label);
    }

    private void fallThrough(int next) {
        if (distance(next) != 0) {
            int ignored = detour(next);
        }
    }

    private int detour(int label) {
        return append(new Instruction(JA, 0, 0, distance(label)));
    }

    /// How many instructions lie between the next one written and `label`.
    private int distance(int label) {
        return backward.size() - label;
    }

    private int append(Instruction instruction) {
        backward.add(instruction);
        return backward.size();
    }

    private record Instruction(int code, int ifTrue, int ifFalse, int value) {
        void put(ByteBuffer bytes) {
            bytes.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(value);
        }
    }
}
