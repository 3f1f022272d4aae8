package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PruneTest {
    @Test
    void a_dry_run_says_so_when_nothing_would_go() throws IOException {
        assertEquals(
                List.of("would remove no image, repository or volume"),
                SystemCommand.Prune.lines(pruned("images: [], repositories: [], volumes: [], freedBytes: 0"), true));
        assertEquals(List.of("would remove volume a"), SystemCommand.Prune.lines(pruned("volumes: [a]"), true));
    }

    @Test
    void what_went_is_named_with_the_room_that_it_took() throws IOException {
        assertEquals(
                List.of(
                        "removed image web: unused for 5m",
                        "removed what nothing needs of repository r",
                        "freed 1.0 KiB"),
                SystemCommand.Prune.lines(
                        pruned("images: [{name: web, reason: unused for 5m}], repositories: [r], freedBytes: 1024"),
                        false));
        assertEquals(List.of("freed 0 B"), SystemCommand.Prune.lines(pruned("freedBytes: 0"), false));
    }

    private static JsonNode pruned(String fields) throws IOException {
        return ObjectCodec.yaml().readTree("{" + fields + "}");
    }
}
