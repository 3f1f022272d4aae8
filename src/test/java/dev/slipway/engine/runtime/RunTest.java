package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunTest {
    private static final PodUid UID = new PodUid("pod");

    @Test
    void an_attempt_that_nobody_could_be_set_to_watch_is_watched_when_it_is_asked_again() {
        Run run = new Run(
                new ContainerName(UID, "web"),
                0,
                ContainerId.random(new Random(1)),
                new Digest("sha256:" + "a".repeat(64)),
                Map.of(),
                "");
        List<String> watches = new ArrayList<>();

        assertThrows(
                OutOfMemoryError.class,
                () -> run.endWithin(Duration.ofSeconds(1), () -> {
                    throw new OutOfMemoryError("unable to create native thread");
                }));
        run.endWithin(Duration.ofSeconds(1), () -> watches.add("first"));
        run.endWithin(Duration.ofSeconds(1), () -> watches.add("second"));

        assertEquals(List.of("first"), watches);
    }
}
