package dev.slipway.engine.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BpfAssemblerTest {
    private static final int NUMBER = 0;
    private static final int FIRST_ARGUMENT = 16;

    @Test
    void a_chain_far_longer_than_a_jump_reaches_every_target() {
        BpfAssembler assembler = new BpfAssembler();
        int miss = assembler.ret(-1);
        int hit = assembler.ret(-2);
        int next = miss;
        for (int number = 999; number >= 0; number--) {
            next = assembler.ifEqual(number * 7, number % 3 == 0 ? hit : assembler.ret(number % 20), next);
        }
        assembler.load(NUMBER, next);

        BpfInterpreter program = new BpfInterpreter(assembler.program());

        for (int number = 0; number < 1000; number++) {
            assertEquals(number % 3 == 0 ? -2 : number % 20, program.run(0, number * 7, 0));
            assertEquals(-1, program.run(0, number * 7 + 1, 0));
        }
    }

    @Test
    void both_targets_of_one_jump_may_be_far() {
        for (int filler = 240; filler < 270; filler++) {
            BpfAssembler assembler = new BpfAssembler();
            int no = assembler.ret(0);
            int yes = assembler.ret(1);
            for (int i = 0; i < filler; i++) {
                assembler.ret(1000 + i);
            }
            assembler.load(NUMBER, assembler.ifAtLeast(5, yes, no));

            BpfInterpreter program = new BpfInterpreter(assembler.program());

            assertEquals(1, program.run(0, 5, 0));
            assertEquals(1, program.run(0, -1, 0), "numbers are unsigned");
            assertEquals(0, program.run(0, 4, 0));
        }
    }

    @Test
    void a_load_goes_on_where_it_is_told() {
        BpfAssembler assembler = new BpfAssembler();
        int far = assembler.ifAnyOf(0b110, assembler.ret(1), assembler.ret(2));
        assembler.ret(3);
        assembler.load(FIRST_ARGUMENT, far);

        BpfInterpreter program = new BpfInterpreter(assembler.program());

        assertEquals(1, program.run(0, 0, 0b100));
        assertEquals(2, program.run(0, 0, 0b001));
    }
}
