package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.snapshot.Staging;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an engine can be asked for: what has to be there before, the deed, and what is true when it was asked again
/// after a failure.
enum EngineDeed {
    MAKE_SANDBOX {
        @Override
        void prepare(RuntimeLab lab) {}

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().ensureSandbox(SANDBOX);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            lab.sandbox(SANDBOX);
            assertEquals("kept\n", lab.output(shell("cat /data/file; echo; test -d /memory")));
        }
    },
    CREATE {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            lab.sandbox(SANDBOX);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().create(shell("cat /data/file; echo"));
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            assertInstanceOf(StartOutcome.Started.class, lab.runtime().create(shell("cat /data/file; echo")));
            assertEquals("kept\n", lab.output(shell("cat /data/file; echo")));
        }
    },
    START {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            lab.sandbox(SANDBOX);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().start(idle());
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            if (web(lab).isEmpty()) {
                lab.started(idle());
            }
            stopPolitely(lab);
        }
    },
    RUN_TO_THE_END {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            lab.sandbox(SANDBOX);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            if (lab.runtime().start(shell("echo begun; exit 7")) instanceof StartOutcome.Started) {
                lab.runtime().awaitEnd(WEB, 0, LONG);
            }
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            if (web(lab).isEmpty()) {
                lab.started(shell("echo begun; exit 7"));
            }
            assertEquals(7, exited(lab).exitCode());
            assertEquals("begun\n", lab.log(WEB, 0));
        }
    },
    STOP {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            startIdle(lab);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().stop(WEB, TERM, LONG);
            lab.runtime().awaitEnd(WEB, 0, LONG);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            stopPolitely(lab);
        }
    },
    KILL {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            startIdle(lab);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().stop(WEB, TERM, Duration.ZERO);
            lab.runtime().awaitEnd(WEB, 0, LONG);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            lab.runtime().stop(WEB, TERM, Duration.ZERO);
            assertEquals(9, exited(lab).signal());
        }
    },
    PAUSE_AND_RESUME {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            startIdle(lab);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().pause(WEB);
            lab.runtime().resume(WEB);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            lab.runtime().pause(WEB);
            assertInstanceOf(ContainerState.Paused.class, lab.attempt(WEB, 0).state());
            lab.runtime().resume(WEB);
            stopPolitely(lab);
        }
    },
    EXEC {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            startIdle(lab);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            exec(lab);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            assertEquals(3, exec(lab));
            stopPolitely(lab);
        }
    },
    REMOVE_ATTEMPT {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            lab.sandbox(SANDBOX);
            lab.output(shell("echo x > /file"));
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().remove(WEB, 0);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            lab.runtime().remove(WEB, 0);
            assertEquals("no\n", lab.output(shell("test -e /file || echo no")));
        }
    },
    REMOVE_POD {
        @Override
        void prepare(RuntimeLab lab) throws Exception {
            startIdle(lab);
        }

        @Override
        void act(RuntimeLab lab) throws Exception {
            lab.runtime().removePod(POD);
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            lab.runtime().removePod(POD);
            assertEquals(List.of(), lab.runtime().list());
        }
    },
    COMMIT_LAYER {
        @Override
        void prepare(RuntimeLab lab) {}

        @Override
        void act(RuntimeLab lab) throws Exception {
            try (Staging staging = lab.snapshots().stage()) {
                Files.writeString(staging.directory().resolve("file"), "whole");
                staging.commit(LAYER);
            }
        }

        @Override
        void again(RuntimeLab lab) throws Exception {
            act(lab);
            assertEquals(
                    "whole",
                    Files.readString(
                            lab.snapshots().lowers(List.of(LAYER)).getFirst().resolve("file")));
            lab.snapshots().removeLayer(LAYER);
        }
    };

    static final PodUid POD = new PodUid("pod");
    static final ContainerName WEB = new ContainerName(POD, "web");
    static final int TERM = 15;
    static final Duration LONG = Duration.ofSeconds(60);
    static final String VOLUME = "data";
    private static final DiffId LAYER = new DiffId(Digest.sha256("layer".getBytes(StandardCharsets.UTF_8)));
    private static final SandboxRequest SANDBOX = Requests.sandbox(
            POD,
            Map.of(
                    VOLUME,
                    new PodVolume.Managed(VOLUME),
                    "memory",
                    new PodVolume.EmptyDir(true, Optional.of(1L << 20)),
                    "empty",
                    new PodVolume.EmptyDir(false, Optional.empty())));

    /// Makes what has to be there before.
    abstract void prepare(RuntimeLab lab) throws Exception;

    abstract void act(RuntimeLab lab) throws Exception;

    /// Asks for it once more, as whoever wanted it does, and looks whether it is so.
    abstract void again(RuntimeLab lab) throws Exception;

    private static void startIdle(RuntimeLab lab) throws Exception {
        lab.sandbox(SANDBOX);
        lab.started(idle());
        lab.awaitLog(WEB, 0, "idle");
    }

    private static ContainerRequest idle() {
        return mounting(RuntimeLab.idle(WEB, 0));
    }

    private static ContainerRequest shell(String script) {
        return mounting(RuntimeLab.shell(WEB, 0, script));
    }

    private static ContainerRequest mounting(ContainerRequest plain) {
        return Requests.withMounts(
                plain,
                new ContainerRequest.VolumeMount(VOLUME, "/data", "", false, "None"),
                new ContainerRequest.VolumeMount("memory", "/memory", "", false, "None"));
    }

    static Optional<Attempt> web(RuntimeLab lab) {
        return lab.runtime().find(POD).flatMap(pod -> pod.latest(WEB.name()));
    }

    private static void stopPolitely(RuntimeLab lab) throws Exception {
        lab.awaitLog(WEB, 0, "idle");
        lab.runtime().stop(WEB, TERM, LONG);
        assertEquals(0, exited(lab).exitCode());
    }

    private static ContainerState.Exited exited(RuntimeLab lab) {
        return assertInstanceOf(
                ContainerState.Exited.class, lab.awaitEnd(WEB, 0).state());
    }

    private static int exec(RuntimeLab lab) throws IOException, InterruptedException {
        ExecResult result = lab.runtime().exec(WEB, new Command(List.of("/bin/sh", "-c", "exit 3"), false, false));
        if (result instanceof ExecResult.Running(var execution)) {
            try (execution) {
                return execution.await(LONG).orElseThrow();
            }
        }
        return -1;
    }

    /// What is said to run does, once, and nothing else does.
    static void assertTruth(RuntimeLab lab) {
        int alive = 0;
        for (PodState pod : lab.runtime().list()) {
            for (Attempt attempt : pod.attempts()) {
                switch (attempt.state()) {
                    case ContainerState.Running running -> {
                        alive++;
                        assertTrue(ProcessHandle.of(running.pid()).isPresent(), attempt::toString);
                    }
                    case ContainerState.Paused paused -> alive++;
                    case ContainerState.Lost lost -> throw new AssertionError("its end is not known: " + attempt);
                    case ContainerState.Created created -> {}
                    case ContainerState.Exited exited -> {}
                }
            }
        }
        int expected = alive;
        RuntimeLab.await(() -> HostCount.of(lab).shims() == expected);
    }
}
