package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SettlingTest {
    @Test
    void what_nobody_has_looked_at_is_on_its_way() throws IOException {
        assertEquals(new Settling.Open(), of(1, ""));
        assertEquals(new Settling.Open(), of(2, "{type: Ready, status: 'True', observedGeneration: 1}"));
        assertEquals(
                new Settling.Open(),
                of(1, "{type: Ready, status: 'False'}, {type: Reconciling, status: 'True', reason: Progressing}"));
    }

    @Test
    void what_is_ready_has_settled() throws IOException {
        assertEquals(new Settling.Ready(), of(2, "{type: Ready, status: 'True', observedGeneration: 2}"));
    }

    @Test
    void a_try_that_failed_and_one_that_cannot_help_say_why() throws IOException {
        assertEquals(
                new Settling.Failed("no.tar is no archive (another try follows)"),
                of(
                        1,
                        "{type: Ready, status: 'False', message: no.tar is no archive},"
                                + " {type: Reconciling, status: 'True', reason: BackOff}"));
        assertEquals(
                new Settling.Failed("path is outside"),
                of(1, "{type: Ready, status: 'False'}, {type: Stalled, status: 'True', message: path is outside}"));
    }

    private static Settling of(int generation, String conditions) throws IOException {
        return Settling.of(ObjectCodec.yaml().readTree("""
                {metadata: {name: web, generation: %d}, status: {conditions: [%s]}}
                """.formatted(generation, conditions)));
    }
}
