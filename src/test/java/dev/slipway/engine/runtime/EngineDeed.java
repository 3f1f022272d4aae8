package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.snapshot.Staging;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What an engine can be asked for: what has to be there before, the deed, and what is true when it was asked again
/// after a failure.
enum EngineDeed {
    MAKE_SANDBOX {
        @Override
        void prepare(DeedSite site) {}

        @Override
        void act(DeedSite site) throws Exception {
            site.ensureSandbox();
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.sandbox();
            assertEquals("kept\n", site.lab().output(site.shell("cat /data/file; echo; test -d /memory")));
        }
    },
    CREATE {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.sandbox();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.lab().runtime().create(site.shell("cat /data/file; echo"));
        }

        @Override
        void again(DeedSite site) throws Exception {
            assertInstanceOf(
                    StartOutcome.Started.class, site.lab().runtime().create(site.shell("cat /data/file; echo")));
            assertEquals("kept\n", site.lab().output(site.shell("cat /data/file; echo")));
        }
    },
    START {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.sandbox();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.lab().runtime().start(site.idle());
        }

        @Override
        void again(DeedSite site) throws Exception {
            if (site.latest().isEmpty()) {
                site.lab().started(site.idle());
            }
            site.stopPolitely();
        }
    },
    RUN_TO_THE_END {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.sandbox();
        }

        @Override
        void act(DeedSite site) throws Exception {
            if (site.lab().runtime().start(site.shell("echo begun; exit 7")) instanceof StartOutcome.Started) {
                site.lab().runtime().awaitEnd(site.web(), 0, DeedSite.LONG);
            }
        }

        @Override
        void again(DeedSite site) throws Exception {
            if (site.latest().isEmpty()) {
                site.lab().started(site.shell("echo begun; exit 7"));
            }
            assertEquals(7, site.exited().exitCode());
            assertEquals("begun\n", site.lab().log(site.web(), 0));
        }
    },
    STOP {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.startIdle();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.stop(DeedSite.LONG);
            site.lab().runtime().awaitEnd(site.web(), 0, DeedSite.LONG);
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.stopPolitely();
        }
    },
    KILL {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.startIdle();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.stop(Duration.ZERO);
            site.lab().runtime().awaitEnd(site.web(), 0, DeedSite.LONG);
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.stop(Duration.ZERO);
            assertEquals(9, site.exited().signal());
        }
    },
    PAUSE_AND_RESUME {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.startIdle();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.lab().runtime().pause(site.web());
            site.lab().runtime().resume(site.web());
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.lab().runtime().pause(site.web());
            assertInstanceOf(
                    ContainerState.Paused.class,
                    site.lab().attempt(site.web(), 0).state());
            site.lab().runtime().resume(site.web());
            site.stopPolitely();
        }
    },
    EXEC {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.startIdle();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.exec();
        }

        @Override
        void again(DeedSite site) throws Exception {
            assertEquals(3, site.exec());
            site.stopPolitely();
        }
    },
    REMOVE_ATTEMPT {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.sandbox();
            site.lab().output(site.shell("echo x > /file"));
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.lab().runtime().remove(site.web(), 0);
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.lab().runtime().remove(site.web(), 0);
            assertEquals("no\n", site.lab().output(site.shell("test -e /file || echo no")));
        }
    },
    REMOVE_POD {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.startIdle();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.lab().runtime().removePod(site.pod());
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.lab().runtime().removePod(site.pod());
            assertEquals(Optional.empty(), site.lab().runtime().find(site.pod()));
        }
    },
    COMMIT_LAYER {
        @Override
        void prepare(DeedSite site) {}

        @Override
        void act(DeedSite site) throws Exception {
            try (Staging staging = site.lab().snapshots().stage()) {
                Files.writeString(staging.directory().resolve("file"), "whole");
                staging.commit(layer(site));
            }
        }

        @Override
        void again(DeedSite site) throws Exception {
            act(site);
            assertEquals(
                    "whole",
                    Files.readString(site.lab()
                            .snapshots()
                            .lowers(List.of(layer(site)))
                            .getFirst()
                            .resolve("file")));
            site.lab().snapshots().removeLayer(layer(site));
        }
    },
    TAKE_SNAPSHOT {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.startIdle();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.takeSnapshot();
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.hasWhole(site.lab().volumeSnapshots());
            site.lab().runtime().resume(site.web());
            site.takeSnapshot();
            assertTrue(site.hasWhole(site.lab().volumeSnapshots()));
            site.stopPolitely();
            site.deleteSnapshot();
        }
    },
    DELETE_SNAPSHOT {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.haveSnapshot();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.deleteSnapshot();
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.hasWhole(site.lab().volumeSnapshots());
            site.deleteSnapshot();
            assertFalse(site.hasWhole(site.lab().volumeSnapshots()));
        }
    },
    RESTORE_SNAPSHOT {
        @Override
        void prepare(DeedSite site) throws Exception {
            site.haveSnapshot();
        }

        @Override
        void act(DeedSite site) throws Exception {
            site.restoreSnapshot();
        }

        @Override
        void again(DeedSite site) throws Exception {
            site.hasWhole(site.lab().volumes());
            site.restoreSnapshot();
            assertTrue(site.hasWhole(site.lab().volumes()));
            assertTrue(site.hasWhole(site.lab().volumeSnapshots()));
            site.lab().volumes().delete(site.volume());
            site.deleteSnapshot();
        }
    };

    /// Makes what has to be there before.
    abstract void prepare(DeedSite site) throws Exception;

    abstract void act(DeedSite site) throws Exception;

    /// Asks for it once more, as whoever wanted it does, and looks whether it is so.
    abstract void again(DeedSite site) throws Exception;

    private static DiffId layer(DeedSite site) {
        return new DiffId(Digest.sha256(site.pod().value().getBytes(StandardCharsets.UTF_8)));
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
