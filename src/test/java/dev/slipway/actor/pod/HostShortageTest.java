package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Shortage;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.StartOutcome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host that lacks something, for a while or for good.
class HostShortageTest {
    private static final String WAITING = "/containerStatuses/0/state/waiting/reason";

    @Test
    void a_container_starts_soon_after_there_is_room_and_its_failures_are_told_once(@TempDir Path folder)
            throws Exception {
        try (PodRig rig = new PodRig(folder)) {
            rig.runtime.behave(request -> new Behaviour.IsRefused(new StartOutcome.Failed("no room")));
            rig.pod("containers: [{name: main, image: app}]");
            rig.settle();
            long told = rig.stored().resourceVersion();
            for (int i = 0; i < 15; i++) {
                rig.advance(Shortage.TURN);
            }
            assertEquals("RunContainerError", rig.status(WAITING));
            assertEquals(told, rig.stored().resourceVersion(), "nothing new is written");
            assertEquals(1, rig.eventCount("Failed"));

            rig.runtime.behave(request -> new Behaviour.Runs());
            rig.advance(Shortage.TURN);

            assertTrue(rig.state("main").contains("running"), rig.state("main"));
        }
    }

    @Test
    void what_this_kernel_cannot_start_is_told_once_and_not_tried_again_until_it_is_something_else(@TempDir Path folder)
            throws Exception {
        try (PodRig rig = new PodRig(folder)) {
            rig.runtime.behave(request -> new Behaviour.IsRefused(
                    new StartOutcome.Unsupported("the file system of /srv has no idmapped mounts")));
            rig.pod("containers: [{name: main, image: a}]");

            Result result = rig.settle();

            assertEquals(Result.SETTLED, result);
            assertEquals("IdmapNotSupported", rig.status(WAITING));
            rig.assertEvent("Warning Failed: Error: the file system of /srv has no idmapped mounts");
            rig.runtime.behave(request -> new Behaviour.Runs());
            rig.advance(Duration.ofDays(1));
            assertEquals("IdmapNotSupported", rig.status(WAITING));
            rig.patch("{spec: {containers: [{name: main, image: b}]}}");
            rig.settle();
            assertEquals("Running", rig.status("/phase"));
        }
    }

    @Test
    void a_sandbox_is_made_soon_after_there_is_room(@TempDir Path folder) throws Exception {
        try (PodRig rig = new PodRig(folder)) {
            rig.runtime.behaveSandboxes(request -> new SandboxOutcome.Failed("no room"));
            rig.pod("containers: [{name: main, image: app}]");
            rig.settle();

            rig.watchSandboxes(request -> {});
            rig.advance(Shortage.TURN);

            assertTrue(rig.state("main").contains("running"), rig.state("main"));
        }
    }
}
