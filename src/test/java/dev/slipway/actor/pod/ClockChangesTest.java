package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import dev.slipway.engine.runtime.StartOutcome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Somebody sets the host's clock while a container waits.
class ClockChangesTest {
    private static final String WAITING = "/containerStatuses/0/state/waiting/reason";

    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new PodRig(folder);
        rig.pod("containers: [{name: main, image: app}]");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_clock_that_is_set_back_makes_no_pause_before_a_restart_longer() throws Exception {
        rig.settle();
        rig.exit("main", 3);
        rig.exit("main", 3);
        assertEquals("CrashLoopBackOff", rig.status(WAITING));

        rig.runtime.advance(Duration.ofHours(-1));
        rig.advance(Duration.ofSeconds(10));

        assertTrue(rig.state("main").contains("running"), rig.state("main"));
    }

    @Test
    void a_clock_that_is_set_back_makes_no_pause_after_a_failed_start_longer() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IsRefused(new StartOutcome.Failed("no room")));
        rig.settle();
        rig.runtime.behave(request -> new Behaviour.Runs());

        rig.runtime.advance(Duration.ofHours(-1));
        rig.advance(Duration.ofMinutes(5));

        assertTrue(rig.state("main").contains("running"), rig.state("main"));
    }

    @Test
    void a_clock_that_is_set_forward_stops_nothing_that_runs() throws Exception {
        rig.settle();

        rig.runtime.advance(Duration.ofDays(400));
        rig.advance(Duration.ofSeconds(1));

        assertTrue(rig.state("main").contains("running"), rig.state("main"));
        assertEquals(1, rig.runtime.started().size());
    }
}
