package dev.slipway.actor.space;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.space.Inventory.Candidate;
import dev.slipway.actor.space.Inventory.Content;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CollectionPlannerTest {
    private static final Instant NOW = Instant.parse("2026-01-31T00:00:00Z");
    private static final CollectionSettings SETTINGS =
            new CollectionSettings(85, 80, Duration.ofMinutes(2), Duration.ofDays(30));

    private final List<Candidate> candidates = new ArrayList<>();
    private final List<Content> contents = new ArrayList<>();

    private void candidate(String name, Duration unused) {
        candidates.add(new Candidate(name, NOW.minus(unused), Optional.empty()));
    }

    /// @param parts each a name and how many bytes it has, as `a 10`
    private void content(String name, Set<String> holders, boolean isNeeded, String... parts) {
        Map<Digest, Long> sizes = Stream.of(parts)
                .map(part -> part.split(" "))
                .collect(Collectors.toMap(part -> digest(part[0]), part -> Long.valueOf(part[1])));
        contents.add(new Content(digest(name), sizes, holders, isNeeded));
    }

    private static Digest digest(String name) {
        return Digest.sha256(name.getBytes(UTF_8));
    }

    private CollectionPlan plan(FileSystemSpace space) {
        return plan(space, SETTINGS);
    }

    private CollectionPlan plan(FileSystemSpace space, CollectionSettings settings) {
        Shortage shortage = Shortage.of(space, settings, false);
        return CollectionPlanner.plan(new Inventory(candidates, contents), shortage, settings, NOW);
    }

    private static List<String> names(CollectionPlan plan) {
        return plan.removals().stream().map(Removal::image).toList();
    }

    /// Of 1000 bytes.
    private static FileSystemSpace used(int percent) {
        return new FileSystemSpace(1000, 1000 - 10 * percent);
    }

    @Test
    void an_image_goes_when_it_has_been_unused_for_longer_than_the_maximum() {
        candidate("old", Duration.ofDays(31));
        candidate("young", Duration.ofDays(30));
        content("old", Set.of("old"), false, "a 10");
        content("young", Set.of("young"), false, "b 10");

        CollectionPlan plan = plan(used(10));

        assertEquals(
                List.of(new Removal("old", new Removal.Cause.Age(Duration.ofDays(30)), Duration.ofDays(31), 10)),
                plan.removals());
        assertEquals(0, plan.wantedBytes());
        assertEquals(
                "unused for 31d, longer than 30d; frees 10 B",
                plan.removals().getFirst().words());
    }

    @Test
    void no_maximum_keeps_images_for_however_long() {
        candidate("old", Duration.ofDays(3000));
        content("old", Set.of("old"), false, "a 10");

        CollectionSettings forEver = new CollectionSettings(85, 80, Duration.ofMinutes(2), Duration.ZERO);

        assertEquals(List.of(), plan(used(10), forEver).removals());
    }

    @Test
    void below_the_high_threshold_nothing_goes_for_space() {
        candidate("web", Duration.ofDays(1));
        content("web", Set.of("web"), false, "a 100");

        assertEquals(List.of(), names(plan(used(84))));
        assertEquals(List.of("web"), names(plan(used(85))));
        CollectionSettings never = new CollectionSettings(100, 80, Duration.ofMinutes(2), Duration.ZERO);
        assertEquals(List.of(), names(plan(used(100), never)));
    }

    @Test
    void the_longest_unused_go_until_the_low_threshold_is_reached() {
        candidate("second", Duration.ofHours(2));
        candidate("first", Duration.ofHours(3));
        candidate("third", Duration.ofHours(1));
        content("first", Set.of("first"), false, "a 60");
        content("second", Set.of("second"), false, "b 40");
        content("third", Set.of("third"), false, "c 500");

        CollectionPlan plan = plan(used(90));

        assertEquals(List.of("first", "second"), names(plan));
        assertEquals(100, plan.wantedBytes());
        assertEquals(100, plan.freedBytes());
        assertFalse(plan.isTooLittle());
        assertEquals(
                "unused for 3h, and 90 % of the file system are in use, which may be 85 %; frees 60 B",
                plan.removals().getFirst().words());
    }

    @Test
    void for_lack_of_inodes_one_image_goes_at_a_time() {
        candidate("second", Duration.ofHours(2));
        candidate("first", Duration.ofHours(3));
        candidate("new", Duration.ofSeconds(1));
        content("first", Set.of("first"), false, "a 60");
        content("second", Set.of("second"), false, "b 40");
        content("new", Set.of("new"), false, "c 40");
        FileSystemSpace full = used(10).with(new FileSystemSpace.Inodes(2000, 300));

        CollectionPlan plan = plan(full);

        assertEquals(List.of("first"), names(plan));
        assertFalse(plan.isTooLittle());
        assertEquals(
                "unused for 3h, and 85 % of the inodes of the file system are in use, which may be 85 %; frees 60 B",
                plan.removals().getFirst().words());
        assertEquals(List.of(), names(plan(used(10).with(new FileSystemSpace.Inodes(2000, 320)))));
        CollectionSettings never = new CollectionSettings(100, 80, Duration.ofMinutes(2), Duration.ZERO);
        assertEquals(List.of(), names(plan(used(10).with(new FileSystemSpace.Inodes(2000, 0)), never)));
        candidates.removeIf(each -> !each.name().equals("new"));
        assertTrue(plan(full).isTooLittle());
    }

    @Test
    void a_file_system_that_counts_no_inodes_lacks_none() {
        candidate("web", Duration.ofDays(1));
        content("web", Set.of("web"), false, "a 100");

        CollectionPlan plan = plan(used(10).with(new FileSystemSpace.Inodes(0, 0)));

        assertEquals(List.of(), names(plan));
        assertFalse(plan.isTooLittle());
    }

    @Test
    void what_goes_by_age_counts_for_space() {
        candidate("old", Duration.ofDays(31));
        candidate("young", Duration.ofHours(1));
        content("old", Set.of("old"), false, "a 200");
        content("young", Set.of("young"), false, "b 200");

        assertEquals(List.of("old"), names(plan(used(90))));
    }

    @Test
    void what_is_younger_than_the_minimum_stays_however_full_the_disk_is() {
        candidate("new", Duration.ofSeconds(119));
        candidates.add(new Candidate("patient", NOW.minus(Duration.ofHours(23)), Optional.of(Duration.ofDays(1))));
        candidates.add(new Candidate("eager", NOW.minusSeconds(1), Optional.of(Duration.ZERO)));
        for (String name : List.of("new", "patient", "eager")) {
            content(name, Set.of(name), false, name + " 10");
        }

        CollectionPlan plan = plan(used(99));

        assertEquals(List.of("eager"), names(plan));
        assertTrue(plan.isTooLittle());
        assertEquals(190, plan.wantedBytes());
        assertEquals(10, plan.freedBytes());
    }

    @Test
    void a_shared_layer_is_freed_with_the_last_image_that_has_it() {
        candidate("one", Duration.ofHours(3));
        candidate("two", Duration.ofHours(2));
        candidate("three", Duration.ofHours(1));
        content("one", Set.of("one"), false, "base 100", "a 1");
        content("two", Set.of("two"), false, "base 100", "b 1");
        content("three", Set.of("three"), false, "c 500");

        CollectionPlan plan = plan(used(90));

        assertEquals(
                List.of(1L, 101L), plan.removals().stream().map(Removal::bytes).toList());
        assertEquals(List.of("one", "two"), names(plan));
    }

    @Test
    void a_layer_of_an_image_that_stays_is_not_counted() {
        candidate("one", Duration.ofHours(3));
        content("one", Set.of("one"), false, "base 1000", "a 1");
        content("running", Set.of(), true, "base 1000");

        CollectionPlan plan = plan(used(90));

        assertEquals(List.of("one"), names(plan));
        assertEquals(1, plan.freedBytes());
        assertTrue(plan.isTooLittle());
    }

    @Test
    void an_object_whose_content_stays_does_not_go_for_space() {
        candidate("alias", Duration.ofHours(3));
        content("pinned", Set.of("alias"), true, "a 1000");

        assertEquals(List.of(), names(plan(used(90))));
    }

    @Test
    void content_goes_when_its_last_holder_does() {
        candidate("one", Duration.ofHours(3));
        candidate("two", Duration.ofHours(2));
        content("both", Set.of("one", "two"), false, "a 1000");

        CollectionPlan plan = plan(used(90));

        assertEquals(List.of("one", "two"), names(plan));
        assertEquals(
                List.of(0L, 1000L), plan.removals().stream().map(Removal::bytes).toList());
    }

    @Test
    void who_asks_for_all_gets_all_but_what_an_object_keeps_by_itself() {
        candidate("new", Duration.ofSeconds(1));
        candidates.add(new Candidate("patient", NOW.minus(Duration.ofHours(23)), Optional.of(Duration.ofDays(1))));
        content("new", Set.of("new"), false, "a 5");
        content("patient", Set.of("patient"), false, "b 10");

        CollectionPlan plan = CollectionPlanner.planAll(new Inventory(candidates, contents), NOW);

        assertEquals(List.of("new"), names(plan));
        assertEquals(5, plan.freedBytes());
    }

    @Test
    void what_is_freed_is_said_in_units_that_people_read() {
        Removal.Cause wish = new Removal.Cause.Wish();
        Duration unused = Duration.ofHours(30).plusMinutes(59);

        assertEquals(
                "unused for 1d6h, and somebody asked to remove what nobody needs; frees 1.5 MiB",
                new Removal("web", wish, unused, 3 << 19).words());
        assertTrue(new Removal("web", wish, unused, 1023 << 10).words().endsWith("frees 1023 KiB"));
    }

    @Test
    void settings_that_make_no_sense_are_refused() {
        Duration some = Duration.ofMinutes(1);
        assertThrows(IllegalArgumentException.class, () -> new CollectionSettings(101, 80, some, some));
        assertThrows(IllegalArgumentException.class, () -> new CollectionSettings(80, 80, some, some));
        assertThrows(IllegalArgumentException.class, () -> new CollectionSettings(80, 70, some.negated(), some));
    }
}
