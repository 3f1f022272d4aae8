package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.HostSteps;
import dev.slipway.engine.linux.Stepped;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An engine is killed between any two calls by which a deed changes the host, or finds the disk full from one of them
/// on. The next engine, or the same with a disk that has room, asked again, does what was wanted; there is one truth
/// about each container, nothing is left of what is gone, and no volume has lost a byte.
@ExtendWith(Stepped.class)
class FaultAtEachStepKernelTest {
    private static final String VALUABLE = "kept";

    /// 1 for every single step. Neighbours are much alike.
    private static final int STRIDE = Integer.getInteger("slipway.faults.stride", 3);

    /// Something goes wrong with a deed.
    private interface Fault {
        /// @return before which step it happened; empty if the deed was done before
        Optional<String> strike(int step, RuntimeLab lab, EngineDeed deed) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MAKE_SANDBOX",
                "CREATE",
                "START",
                "RUN_TO_THE_END",
                "STOP",
                "KILL",
                "PAUSE_AND_RESUME",
                "EXEC",
                "REMOVE_ATTEMPT",
                "REMOVE_POD",
                "COMMIT_LAYER"
            })
    void the_next_engine_finishes_what_a_killed_one_began(String deed) throws Exception {
        strikeAtEachStep(EngineDeed.valueOf(deed), FaultAtEachStepKernelTest::kill);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"MAKE_SANDBOX", "CREATE", "START", "RUN_TO_THE_END", "STOP", "EXEC", "REMOVE_POD", "COMMIT_LAYER"
            })
    void what_failed_on_a_full_disk_leaves_nothing_and_succeeds_when_there_is_room(String deed) throws Exception {
        strikeAtEachStep(EngineDeed.valueOf(deed), FaultAtEachStepKernelTest::fillDisk);
    }

    private static void strikeAtEachStep(EngineDeed deed, Fault fault) throws Exception {
        try (RuntimeLab lab = RuntimeLab.open()) {
            Path data = lab.volumes().ensure(new VolumeName(EngineDeed.VOLUME), Ownership.ROOT);
            Files.writeString(data.resolve("file"), VALUABLE);
            HostCount before = HostCount.settled(lab);
            int step = 1;
            long slowest = 0;
            Optional<String> missed;
            do {
                deed.prepare(lab);
                try {
                    missed = fault.strike(step, lab, deed);
                } finally {
                    HostSteps.live();
                }
                long begun = System.nanoTime();
                try {
                    EngineDeed.assertTruth(lab);
                    deed.again(lab);
                    slowest = Math.max(slowest, System.nanoTime() - begun);
                    assertEquals(lab.runtime().list(), lab.restart());
                    lab.runtime().retain(Set.of());
                    before.awaitAgain(lab);
                    assertEquals(VALUABLE, Files.readString(data.resolve("file")));
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("%s, step %d: %s".formatted(deed, step, missed.orElse("(done)")), e);
                }
                step += STRIDE;
            } while (missed.isPresent());
            System.out.printf("%-18s %3d steps, right again after at most %4d ms%n", deed, step, slowest / 1_000_000);
        }
    }

    private static Optional<String> kill(int step, RuntimeLab lab, EngineDeed deed) throws Exception {
        FutureTask<String> work = new FutureTask<>(() -> {
            deed.act(lab);
            return "done";
        });
        HostSteps.dieBefore(step);
        Thread engine = Thread.ofPlatform().name("engine").start(work);
        RuntimeLab.await(() -> HostSteps.missed().isPresent() || work.isDone());
        Optional<String> death = HostSteps.missed();
        if (death.isPresent()) {
            engine.interrupt();
            lab.whileDown(() -> {
                RuntimeLab.await(work::isDone);
                HostSteps.live();
                lab.closeNamespaces();
            });
        } else {
            work.get();
        }
        return death;
    }

    private static Optional<String> fillDisk(int step, RuntimeLab lab, EngineDeed deed) throws Exception {
        HostSteps.fillDiskBefore(step);
        try {
            deed.act(lab);
        } catch (IOException e) {
            assertTrue(HostSteps.missed().isPresent(), e::toString);
        }
        return HostSteps.missed();
    }
}
