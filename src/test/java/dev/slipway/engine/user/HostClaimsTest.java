package dev.slipway.engine.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several engines of one host, each with pods that have users of their own.
class HostClaimsTest {
    private static final PodUid POD = new PodUid("pod");
    private static final PodUid SECOND = new PodUid("second");

    @TempDir
    private Path host = Path.of("");

    private IdRanges one = new IdRanges(List.of(), claims("one"));
    private IdRanges other = new IdRanges(List.of(), claims("other"));

    @BeforeEach
    void open() throws IOException {
        Files.createDirectory(host.resolve("one"));
        Files.createDirectory(host.resolve("other"));
        one = ranges("one");
        other = ranges("other");
    }

    @Test
    void two_engines_give_no_range_twice() throws IOException {
        IdRange first = one.take(POD, IdRanges.SIZE);
        IdRange second = other.take(POD, IdRanges.SIZE);

        assertNotEquals(first, second);
        assertEquals(first, one.take(POD, IdRanges.SIZE));
        assertEquals(2, claims().size());
    }

    @Test
    void nor_do_they_when_they_choose_at_the_same_time() throws Exception {
        List<Callable<List<IdRange>>> engines = List.of(() -> many(one), () -> many(other));
        List<IdRange> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (Future<List<IdRange>> taken : threads.invokeAll(engines)) {
                all.addAll(taken.get());
            }
        }

        assertEquals(400, all.size());
        assertEquals(400, new HashSet<>(all).size());
    }

    @Test
    void an_engine_that_leaves_the_host_gives_back_what_its_pods_had() throws IOException {
        one.take(POD, IdRanges.SIZE);
        IdRange others = other.take(POD, IdRanges.SIZE);

        ranges("one").dismantle();

        assertEquals(List.of(Integer.toString(others.first())), claims());
    }

    @Test
    void what_is_given_back_is_free_for_all() throws IOException {
        IdRange first = one.take(POD, IdRanges.SIZE);
        IdRange reserved = one.reserve();
        one.release(POD);
        one.giveBack(reserved);

        assertEquals(List.of(), claims());
        assertEquals(first, other.take(POD, IdRanges.SIZE));
    }

    @Test
    void a_range_stays_its_pods_while_its_engine_does_not_run() throws IOException {
        IdRange kept = one.take(POD, IdRanges.SIZE);

        IdRange others = other.take(SECOND, IdRanges.SIZE);
        IdRanges again = ranges("one");
        again.adopt(POD, kept);

        assertNotEquals(kept, others);
        assertNotEquals(kept, again.take(SECOND, IdRanges.SIZE));
        again.release(POD);
        assertFalse(claims().contains(Integer.toString(kept.first())));
    }

    @Test
    void what_a_killed_engine_had_reserved_is_its_own_again() throws IOException {
        IdRange reserved = one.reserve();

        assertEquals(reserved, ranges("one").take(POD, IdRanges.SIZE));
    }

    @Test
    void it_is_everybodys_when_its_engine_has_adopted_its_pods() throws IOException {
        IdRange kept = one.take(POD, IdRanges.SIZE);
        IdRange reserved = one.reserve();
        IdRange others = other.take(POD, IdRanges.SIZE);

        IdRanges again = ranges("one");
        again.adopt(POD, kept);
        again.settle();

        assertEquals(List.of(name(kept), name(others)), claims());
        assertEquals(reserved, ranges("other").take(SECOND, IdRanges.SIZE));
    }

    @Test
    void an_adopted_range_of_which_another_engine_has_some_stays_claimed_but_for_that() throws IOException {
        IdRange large = one.take(POD, 3 * IdRanges.SIZE);
        List<IdRange> blocks = large.blocks(IdRanges.SIZE);
        one.release(POD);
        ranges("one").adopt(POD, blocks.get(0));
        ranges("other").adopt(SECOND, blocks.get(1));

        ranges("one").adopt(POD, large);

        assertEquals(
                List.of("one", "other", "one"), blocks.stream().map(this::owner).toList());
    }

    @Test
    void a_range_that_cannot_be_had_whole_is_claimed_as_before() throws IOException {
        IdRange large = one.take(POD, 3 * IdRanges.SIZE);
        List<IdRange> blocks = large.blocks(IdRanges.SIZE);
        one.release(POD);
        assertTrue(claims("one").claim(blocks.get(0)));
        assertTrue(claims("other").claim(blocks.get(2)));

        assertFalse(claims("one").claim(large));

        assertEquals(List.of(name(blocks.get(0)), name(blocks.get(2))), claims());
    }

    @Test
    void a_large_range_that_meets_anothers_is_taken_elsewhere_and_leaves_nothing() throws IOException {
        one.take(POD, IdRanges.SIZE);
        IdRange met = other.take(POD, IdRanges.SIZE);
        one.release(POD);

        IdRange large = one.take(POD, 3 * IdRanges.SIZE);

        assertTrue(large.first() >= met.first() + met.size(), large.toString());
        assertEquals(4, claims().size());
    }

    @Test
    void an_engine_that_was_removed_leaves_its_ranges_to_the_next_that_starts() throws IOException {
        IdRange left = other.take(POD, IdRanges.SIZE);
        IdRange kept = one.take(POD, IdRanges.SIZE);
        Files.delete(host.resolve("other"));

        open("one").close();

        assertEquals(List.of(Integer.toString(kept.first())), claims());
        Files.createDirectory(host.resolve("third"));
        assertEquals(left, ranges("third").take(POD, IdRanges.SIZE));
    }

    @Test
    void an_engine_whose_directories_others_do_not_see_keeps_its_ranges_while_it_runs() throws IOException {
        IdRange hidden = other.take(POD, IdRanges.SIZE);
        HostClaims running = open("other");
        Files.delete(host.resolve("other"));

        open("one").close();
        assertEquals(List.of(Integer.toString(hidden.first())), claims());
        running.close();
        open("one").close();

        assertEquals(List.of(), claims());
    }

    @Test
    void nobody_looks_for_engines_while_one_is_about_to_show_that_it_runs() throws Exception {
        Files.createDirectories(host.resolve("ids"));
        Thread opening;
        try (FileChannel lock = FileChannel.open(
                        host.resolve("ids").resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lock.lock()) {
            opening = Thread.ofPlatform().start(() -> open("one"));
            while (opening.getState() != Thread.State.TIMED_WAITING && opening.isAlive()) {
                Thread.onSpinWait();
            }
            assertTrue(opening.isAlive(), "it waits for whoever looks");
            assertEquals(0, present());
        }

        opening.join(Duration.ofSeconds(20));

        assertEquals(1, present());
    }

    @Test
    void an_engine_that_could_not_show_that_it_runs_does_with_its_next_claim() throws IOException {
        Path ids = Files.createFile(host.resolve("ids"));
        HostClaims running = open("other");
        Files.delete(ids);
        IdRange hidden = new IdRanges(List.of(), running).take(POD, IdRanges.SIZE);
        Files.delete(host.resolve("other"));

        open("one").close();

        assertEquals(List.of(name(hidden)), claims());
        running.close();
        assertEquals(0, present());
    }

    @Test
    void an_engine_that_sees_its_run_directory_where_another_has_its_own_leaves_that_ones_ranges() throws IOException {
        HostClaims first = open("one");
        IdRange ofFirst = new IdRanges(List.of(), first).take(POD, IdRanges.SIZE);
        HostClaims second = open("one");
        IdRanges ranges = new IdRanges(List.of(), second);

        ranges.settle();
        assertEquals(List.of(name(ofFirst)), claims());
        assertFalse(second.claim(ofFirst));
        IdRange ofSecond = ranges.take(SECOND, IdRanges.SIZE);
        assertNotEquals(ofFirst, ofSecond);
        ranges.release(SECOND);
        assertEquals(List.of(name(ofFirst)), claims());

        first.close();
        ranges.settle();
        assertEquals(List.of(), claims(), "there is no other any more");
        second.close();
    }

    @Test
    void what_a_killed_engine_could_not_remove_is_removed_by_the_next() throws IOException {
        one.take(POD, IdRanges.SIZE);
        Path left = Files.createFile(host.resolve("ids").resolve("engine-of-before"));

        open("other").close();

        assertFalse(Files.exists(left));
        assertEquals(1, claims().size(), "its ids are its pods' still");
    }

    @Test
    void the_claim_of_another_engine_stays_when_both_have_given_the_same_ids() throws IOException {
        IdRange both = one.take(POD, IdRanges.SIZE);
        other.adopt(SECOND, both);

        other.release(SECOND);

        assertEquals(List.of(Integer.toString(both.first())), claims());
        assertNotEquals(both, other.take(SECOND, IdRanges.SIZE));
    }

    @Test
    void without_room_for_claims_an_engine_starts_with_what_its_pods_have() throws IOException {
        IdRange kept = new IdRange(one.reserve().first(), IdRanges.SIZE);
        Path file = Files.createFile(host.resolve("no-directory"));
        HostClaims claims = new HostClaims(file, host.resolve("nspawn-uid"), host.resolve("one"));

        claims.open();
        IdRanges again = new IdRanges(List.of(), claims);
        again.adopt(POD, kept);

        assertEquals(kept, again.take(POD, IdRanges.SIZE));
        assertThrows(IOException.class, () -> again.take(SECOND, IdRanges.SIZE));
    }

    @Test
    void a_range_of_a_machine_of_systemd_is_left_alone() throws IOException {
        IdRange first = one.take(POD, IdRanges.SIZE);
        one.release(POD);
        Files.createDirectory(host.resolve("nspawn-uid"));
        Files.createFile(host.resolve("nspawn-uid").resolve(Integer.toString(first.first())));

        assertNotEquals(first, other.take(POD, IdRanges.SIZE));
    }

    private static String name(IdRange range) {
        return Integer.toString(range.first());
    }

    private String owner(IdRange block) {
        try {
            Path owner = Files.readSymbolicLink(host.resolve("ids").resolve(name(block)));
            return owner.getFileName().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Engines that show that they run.
    private long present() throws IOException {
        try (Stream<Path> entries = Files.list(host.resolve("ids"))) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("engine-"))
                    .count();
        }
    }

    private static List<IdRange> many(IdRanges ranges) throws IOException {
        List<IdRange> taken = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            taken.add(ranges.take(new PodUid("pod" + i), IdRanges.SIZE));
        }
        return taken;
    }

    private IdRanges ranges(String engine) {
        return new IdRanges(List.of(), claims(engine));
    }

    private HostClaims open(String engine) {
        HostClaims claims = claims(engine);
        claims.open();
        return claims;
    }

    private HostClaims claims(String engine) {
        return new HostClaims(host.resolve("ids"), host.resolve("nspawn-uid"), host.resolve(engine));
    }

    /// First ids, as the directory has them.
    private List<String> claims() throws IOException {
        try (Stream<Path> entries = Files.list(host.resolve("ids"))) {
            return entries.filter(Files::isSymbolicLink)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }
}
