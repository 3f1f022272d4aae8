package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.RecoveryTimes;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.HostSteps;
import dev.slipway.engine.linux.Stepped;
import dev.slipway.engine.user.IdRanges;
import dev.slipway.engine.volume.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An engine is killed between any two calls by which a deed changes the host, or finds the disk full from one of them
/// on. The next engine, or the same with a disk that has room, asked again, does what was wanted; there is one truth
/// about each container, nothing is left of what is gone, and no volume has lost a byte.
///
/// An engine costs more than a deed. So one does the same deed for several pods, of which each gets one step further
/// than the one before, and is killed then: it was about to do all of them.
@ExtendWith(Stepped.class)
class FaultAtEachStepKernelTest {
    private static final int AT_ONCE = 4;
    private static final int FIRST_PORT = 21_000;
    private static final RecoveryTimes TIMES = new RecoveryTimes();

    enum Fault {
        KILLED_ENGINE("killed engine: ", 40, FaultAtEachStepKernelTest::kill),
        /// It fills up only before steps that make something, of which there are fewer than are counted.
        FULL_DISK("full disk: ", 12, FaultAtEachStepKernelTest::fillDisk);

        private final String title;
        private final int pods;
        private final Blow blow;

        Fault(String title, int pods, Blow blow) {
            this.title = title;
            this.pods = pods;
            this.blow = blow;
        }
    }

    /// Something goes wrong with the same deed at several sites.
    private interface Blow {
        /// @param first step before which it goes wrong at the first site; at the next one it is the next step
        Struck strike(int first, RuntimeLab lab, EngineDeed deed, List<DeedSite> sites) throws Exception;
    }

    /// @param missed before which step it happened at each; empty where the deed was done before
    /// @param gone when the cause had gone
    private record Struck(List<Optional<String>> missed, long gone) {}

    @AfterAll
    static void print() {
        TIMES.print();
    }

    @ParameterizedTest
    @CsvSource({
        "MAKE_SANDBOX, OF_HOST",
        "MAKE_SANDBOX, OWN",
        "MAKE_SANDBOX, READY",
        "CREATE, OF_HOST",
        "START, OF_HOST",
        "START, OWN",
        "RUN_TO_THE_END, OF_HOST",
        "STOP, OWN",
        "KILL, OF_HOST",
        "PAUSE_AND_RESUME, OF_HOST",
        "EXEC, OF_HOST",
        "REMOVE_ATTEMPT, OF_HOST",
        "REMOVE_POD, OF_HOST",
        "REMOVE_POD, OWN",
        "COMMIT_LAYER, OF_HOST",
        "TAKE_SNAPSHOT, OF_HOST",
        "DELETE_SNAPSHOT, OF_HOST",
        "RESTORE_SNAPSHOT, OF_HOST"
    })
    void the_next_engine_finishes_what_a_killed_one_began(String deed, String users) throws Exception {
        strikeAtEachStep(Fault.KILLED_ENGINE, EngineDeed.valueOf(deed), DeedSite.Users.valueOf(users));
    }

    @ParameterizedTest
    @CsvSource({
        "MAKE_SANDBOX, OF_HOST",
        "CREATE, OWN",
        "START, OF_HOST",
        "RUN_TO_THE_END, OWN",
        "STOP, OF_HOST",
        "EXEC, OWN",
        "REMOVE_POD, OF_HOST",
        "COMMIT_LAYER, OF_HOST",
        "TAKE_SNAPSHOT, OWN",
        "RESTORE_SNAPSHOT, OF_HOST"
    })
    void what_failed_on_a_full_disk_leaves_nothing_and_succeeds_when_there_is_room(String deed, String users)
            throws Exception {
        strikeAtEachStep(Fault.FULL_DISK, EngineDeed.valueOf(deed), DeedSite.Users.valueOf(users));
    }

    static void strikeAtEachStep(Fault fault, EngineDeed deed, DeedSite.Users users) throws Exception {
        String times = fault.title + deed;
        try (RuntimeLab lab = RuntimeLab.open();
                ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            Path data = lab.volumes().ensure(DeedSite.VOLUME, Ownership.ROOT);
            ValuableTree.write(data);
            Files.createDirectory(lab.root().resolve("volumes/.snapshots/.notes"));
            HostCount before = HostCount.settled(lab);
            List<Optional<String>> missed = List.of();
            int usual = countSteps(deed, new DeedSite(lab, new PodUid("rehearsal"), FIRST_PORT, users));
            int last = 0;
            while (missed.stream().allMatch(Optional::isPresent)) {
                new DeedSite(lab, new PodUid("first"), FIRST_PORT, users).makeUsersReady();
                List<DeedSite> sites = sites(lab, users, Math.clamp(usual + 1 - last, 1, fault.pods));
                onEach(sites, workers, deed::prepare);
                Struck struck = fault.blow.strike(last + 1, lab, deed, sites);
                missed = struck.missed();
                try {
                    EngineDeed.assertTruth(lab);
                    TIMES.since(struck.gone(), times, "known");
                    onEach(
                            sites,
                            workers,
                            site -> TIMES.measured(times, "as wanted", () -> {
                                deed.again(site);
                                return "";
                            }));
                    assertEquals(claimsOfPods(lab), HostCount.of(lab).claims());
                    assertEquals(Set.copyOf(lab.runtime().list()), Set.copyOf(lab.restart()));
                    lab.runtime().retain(Set.of());
                    long forgotten = System.nanoTime();
                    before.awaitAgain(lab);
                    TIMES.since(forgotten, times, "nothing left");
                    ValuableTree.assertWhole(data);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("%s, after step %d: %s".formatted(deed, last, missed), e);
                }
                last += sites.size();
            }
            assertTrue(last > 1, "there was no step");
            System.out.printf("%s, %s: %d steps%n", deed, users, last - 1);
        }
    }

    /// Pods that are there have claimed their ids, and nobody else has.
    private static long claimsOfPods(RuntimeLab lab) {
        return lab.runtime().list().stream()
                .flatMap(pod -> pod.sandbox().stream())
                .flatMap(sandbox -> sandbox.users().stream())
                .mapToLong(users -> Math.ceilDiv(users.size(), IdRanges.SIZE))
                .sum();
    }

    /// How many it takes if nothing goes wrong; what is put off may make it some more, or some fewer.
    private static int countSteps(EngineDeed deed, DeedSite site) throws Exception {
        site.makeUsersReady();
        deed.prepare(site);
        site.lab().chores().await();
        HostSteps.count();
        deed.act(site);
        int steps = HostSteps.counted();
        HostSteps.live();
        deed.again(site);
        site.lab().runtime().retain(Set.of());
        return steps;
    }

    private static List<DeedSite> sites(RuntimeLab lab, DeedSite.Users users, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new DeedSite(lab, new PodUid("pod-" + number), FIRST_PORT + number, users))
                .toList();
    }

    @FunctionalInterface
    private interface AtSite {
        void happens(DeedSite site) throws Exception;
    }

    private static void onEach(List<DeedSite> sites, ExecutorService workers, AtSite work) throws Exception {
        List<Callable<String>> tasks = sites.stream()
                .<Callable<String>>map(site -> () -> {
                    work.happens(site);
                    return "done";
                })
                .toList();
        for (Future<String> end : workers.invokeAll(tasks)) {
            end.get();
        }
    }

    private static Struck kill(int first, RuntimeLab lab, EngineDeed deed, List<DeedSite> sites) throws Exception {
        AtomicLong gone = new AtomicLong();
        List<Optional<String>> missed = new ArrayList<>();
        List<FutureTask<String>> deeds = new ArrayList<>();
        try {
            for (DeedSite site : sites) {
                FutureTask<String> work = new FutureTask<>(() -> {
                    deed.act(site);
                    return "done";
                });
                deeds.add(work);
                missed.add(dieBefore(first + missed.size(), lab, work));
            }
            HostSteps.dieBefore(1);
            lab.whileDown(() -> {
                RuntimeLab.await(() -> deeds.stream().allMatch(FutureTask::isDone));
                HostSteps.live();
                lab.closeNamespaces();
                gone.set(System.nanoTime());
            });
        } finally {
            HostSteps.live();
        }
        return new Struck(missed, gone.get());
    }

    /// What has died does nothing more, however long it takes until the whole engine is dead.
    private static Optional<String> dieBefore(int step, RuntimeLab lab, FutureTask<String> work) throws Exception {
        lab.background().catchUp();
        lab.chores().await();
        HostSteps.dieBefore(step);
        Thread doing = Thread.ofPlatform().name("engine").start(work);
        RuntimeLab.await(() -> HostSteps.missed().isPresent() || work.isDone());
        Optional<String> death = HostSteps.missed();
        if (death.isPresent()) {
            doing.interrupt();
            RuntimeLab.await(work::isDone);
            lab.chores().await();
        } else {
            work.get();
        }
        HostSteps.live();
        return death;
    }

    private static Struck fillDisk(int first, RuntimeLab lab, EngineDeed deed, List<DeedSite> sites) throws Exception {
        List<Optional<String>> missed = new ArrayList<>();
        try {
            for (DeedSite site : sites) {
                lab.chores().await();
                HostSteps.fillDiskBefore(first + missed.size());
                try {
                    deed.act(site);
                } catch (IOException e) {
                    assertTrue(HostSteps.missed().isPresent(), e::toString);
                }
                missed.add(HostSteps.missed());
            }
        } finally {
            HostSteps.live();
        }
        return new Struck(missed, System.nanoTime());
    }
}
