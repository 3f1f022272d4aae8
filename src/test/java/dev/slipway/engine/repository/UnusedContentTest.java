package dev.slipway.engine.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.MemoryContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import dev.slipway.engine.repository.UnusedContent.Gone;
import dev.slipway.engine.repository.UnusedContent.Spare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnusedContentTest {
    private static final Repository WEB = new Repository("edge.lan:5000", "acme/web");
    private static final Set<Digest> NOTHING = Set.of();

    @TempDir
    Path root;

    private final MemoryContentStore content = new MemoryContentStore();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Repositories repositories;

    @BeforeEach
    void start() throws IOException {
        repositories = new Repositories(root, content, () -> now, () -> now);
        repositories.start();
    }

    @Test
    void what_lost_its_tag_goes_with_its_own_blobs_at_once() throws IOException {
        StoredManifest one = push("one", "latest");
        StoredManifest two = push("two", "latest");

        Gone gone = removeAll(NOTHING);

        assertEquals(1, gone.manifests());
        assertEquals(Set.of(one.digest(), blob("one")), gone.freed());
        assertTrue(isFreed(blob("one")), "nobody was promised it any more");
        assertEquals(Set.of(two.digest()), manifests());
        assertFalse(isFreed(blob("two")));
    }

    @Test
    void the_time_without_a_tag_outlives_the_engine() throws IOException {
        StoredManifest one = push("one", "latest");
        now = now.plus(Duration.ofDays(3));
        Instant untagged = now;
        push("two", "latest");

        now = now.plus(Duration.ofDays(3));
        start();

        assertEquals(List.of(new Spare(WEB, false, untagged)), List.copyOf(unused().list(NOTHING)));
        assertEquals(Gone.NOTHING, unused().remove(WEB, untagged.minusSeconds(1), NOTHING));
        assertEquals(1, unused().remove(WEB, untagged, NOTHING).manifests());
        start();
        assertFalse(manifests().contains(one.digest()));
    }

    @Test
    void a_manifest_that_gets_a_tag_again_is_as_good_as_any_other() throws IOException {
        StoredManifest one = push("one", "latest");
        push("two", "latest");
        push("one", "old");

        assertEquals(Gone.NOTHING, removeAll(NOTHING));
        repositories.untag(WEB, "old");

        assertEquals(Set.of(one.digest(), blob("one")), afterAnHour().freed());
    }

    @Test
    void what_somebody_needs_stays() throws IOException {
        StoredManifest one = push("one", "latest");
        push("two", "latest");

        assertEquals(Gone.NOTHING, removeAll(Set.of(one.digest())));
        assertEquals(Set.of(), unused().parts(Set.of(one.digest())));
        assertEquals(Set.of(one.digest(), blob("one")), unused().parts(NOTHING));
    }

    @Test
    void an_index_keeps_what_it_lists_and_a_subject_what_is_about_it() throws IOException {
        StoredManifest child = push("child");
        StoredManifest index = index("latest", child);
        StoredManifest signature = about(index);

        assertEquals(Gone.NOTHING, afterAnHour());
        repositories.untag(WEB, "latest");
        Gone gone = afterAnHour();

        assertEquals(3, gone.manifests());
        assertTrue(gone.freed().containsAll(Set.of(child.digest(), index.digest(), signature.digest())));
        assertEquals(Set.of(), repositories.list());
    }

    @Test
    void who_has_pushed_the_parts_of_an_index_can_push_it_afterwards() throws IOException {
        StoredManifest child = push("child");

        assertEquals(Gone.NOTHING, removeAll(NOTHING));

        index("latest", child);
        assertEquals(Gone.NOTHING, afterAnHour());
    }

    @Test
    void who_fetches_an_image_gets_all_of_it_though_its_tag_moves() throws IOException {
        StoredManifest one = push("one", "latest");
        repositories.reads(new Reference(WEB, "latest", null));
        push("two", "latest");

        assertEquals(Gone.NOTHING, removeAll(NOTHING));
        try (Repositories.Hold _ = repositories.readers().send(WEB, blob("one"))) {
            now = now.plus(Duration.ofHours(3));
            assertEquals(Gone.NOTHING, removeAll(NOTHING), "the blob is large and the client slow");
        }
        assertEquals(Gone.NOTHING, removeAll(NOTHING), "he may want the next blob");
        now = now.plus(Duration.ofMinutes(1));

        assertEquals(Set.of(one.digest(), blob("one")), removeAll(NOTHING).freed());
    }

    @Test
    void what_is_fetched_by_its_digest_again_and_again_is_not_old() throws IOException {
        StoredManifest one = push("one", "latest");
        push("two", "latest");
        now = now.plus(Duration.ofDays(29));
        repositories.reads(new Reference(WEB, "", one.digest()));
        Instant read = now;
        start();

        assertEquals(List.of(new Spare(WEB, false, read)), List.copyOf(unused().list(NOTHING)));
    }

    @Test
    void what_is_fetched_is_in_use_though_the_disk_cannot_be_written() throws IOException {
        StoredManifest one = push("one", "latest");
        push("two", "latest");
        now = now.plus(Duration.ofDays(29));
        Path host = root.resolve(WEB.host());
        Files.move(host, root.resolve("away"));
        Files.writeString(host, "no directory");

        repositories.reads(new Reference(WEB, "", one.digest()));
        Instant read = now;
        now = now.plus(Duration.ofSeconds(1));
        repositories.reads(new Reference(WEB, "", one.digest()));
        now = now.plus(Duration.ofHours(2));

        assertEquals(List.of(new Spare(WEB, false, read)), List.copyOf(unused().list(NOTHING)));
        assertTrue(repositories.find(new Reference(WEB, "", one.digest())).isPresent());
    }

    @Test
    void who_was_told_that_a_blob_is_here_can_push_though_what_needed_it_went() throws IOException {
        push("one", "latest");
        push("two", "latest");
        assertTrue(repositories.keep(WEB, blob("one")), "another client asks whether it is here");

        removeAll(NOTHING);

        assertFalse(isFreed(blob("one")));
        push("one", "other");
        assertTrue(repositories.find(new Reference(WEB, "other", null)).isPresent());
    }

    @Test
    void the_copy_of_another_repository_goes_as_a_whole_once_nobody_reads_it() throws IOException {
        Repository copy = new Repository("docker.io", "acme/web");
        byte[] bytes = PushedManifests.image("one");
        StoredManifest manifest = StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null);
        repositories.mirror(copy, manifest, bytes, Optional.of("v1"));
        Instant fetched = now;

        assertEquals(List.of(), List.copyOf(unused().list(NOTHING)));
        now = now.plus(Duration.ofMinutes(2));
        start();
        assertEquals(List.of(new Spare(copy, true, fetched)), List.copyOf(unused().list(NOTHING)));
        Gone gone = unused().remove(copy, now, NOTHING);

        assertEquals(Set.of(manifest.digest(), blob("one")), gone.freed());
        assertEquals(Set.of(), repositories.list());
    }

    private UnusedContent unused() {
        return repositories.unused();
    }

    private Gone removeAll(Set<Digest> needed) throws IOException {
        return unused().remove(WEB, now, needed);
    }

    /// When no client counts on anything that it was told.
    private Gone afterAnHour() throws IOException {
        now = now.plus(Duration.ofMinutes(61));
        repositories.expire();
        return removeAll(NOTHING);
    }

    private Set<Digest> manifests() {
        return repositories.contents(WEB).manifests().keySet();
    }

    private static Digest blob(String text) {
        return PushedManifests.blob(text).digest();
    }

    private StoredManifest push(String text, String... tags) throws IOException {
        Descriptor blob = PushedManifests.blob(text);
        content.put(blob, text.getBytes(UTF_8));
        repositories.lease(WEB, blob.digest());
        return put(PushedManifests.image(text), tags);
    }

    private StoredManifest index(String tag, StoredManifest child) throws IOException {
        return put(PushedManifests.index(child.descriptor()), tag);
    }

    private StoredManifest about(StoredManifest subject) throws IOException {
        content.put(PushedManifests.blob("signature"), "signature".getBytes(UTF_8));
        repositories.lease(WEB, blob("signature"));
        return put(PushedManifests.about("signature", subject.descriptor()));
    }

    private StoredManifest put(byte[] bytes, String... tags) throws IOException {
        StoredManifest manifest = StoredManifest.read(bytes, null, null);
        repositories.put(WEB, manifest, bytes, new Naming(Set.of(tags), ""));
        return manifest;
    }

    private boolean isFreed(Digest blob) throws IOException {
        List<Digest> freed = new ArrayList<>();
        repositories.unlessClaimed(blob, () -> freed.add(blob));
        return !freed.isEmpty();
    }
}
