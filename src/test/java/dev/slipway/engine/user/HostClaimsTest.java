package dev.slipway.engine.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
