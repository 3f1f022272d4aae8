package dev.slipway.engine.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.MemoryContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoriesTest {
    private static final Repository WEB = new Repository("edge.lan:5000", "acme/web");
    private static final byte[] CONFIG = "{}".getBytes(UTF_8);
    private static final Digest BLOB = Digest.sha256(CONFIG);

    @TempDir
    Path root;

    private final MemoryContentStore content = new MemoryContentStore();
    private Instant now = Instant.EPOCH;
    private Repositories repositories;

    @BeforeEach
    void start() throws IOException {
        repositories = new Repositories(root, content, () -> now, () -> now);
        repositories.start();
    }

    @Test
    void what_was_put_is_there_after_a_start_and_still_claims_its_blobs() throws IOException {
        StoredManifest manifest = put("v1", "one");

        start();

        assertEquals(Set.of(WEB), repositories.list());
        assertEquals(Optional.of(manifest), repositories.find(name("v1")));
        assertFalse(isFreed(BLOB));
        assertFalse(isFreed(manifest.digest()));
    }

    @Test
    void a_manifest_is_not_taken_without_a_right_to_its_blobs() throws IOException {
        content.put(Descriptor.of(MediaType.OCI_CONFIG, CONFIG), CONFIG);
        byte[] bytes = document("one");
        StoredManifest manifest = StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null);

        assertThrows(
                IncompleteManifestException.class,
                () -> repositories.put(WEB, manifest, bytes, new Naming(Set.of("v1"), "")));

        assertEquals(Set.of(), repositories.list());
    }

    @Test
    void a_tag_points_at_one_manifest_and_who_listens_hears_of_each_change() throws IOException {
        List<Reference> heard = new ArrayList<>();
        repositories.listen(heard::add);

        put("v1", "one");
        StoredManifest two = put("v1", "two");
        repositories.untag(WEB, "v1");

        assertEquals(List.of(name("v1"), name("v1"), name("v1")), heard);
        assertTrue(repositories.find(name("v1")).isEmpty());
        assertEquals(Optional.of(two), repositories.find(new Reference(WEB, "", two.digest())));
    }

    @Test
    @DisplayName("S56 who looks for a tag while it moves finds what it pointed at before or after, and never nothing")
    void a_tag_moves_in_one_step() throws Exception {
        Set<Optional<Digest>> ends = Set.of(
                Optional.of(put("v1", "one").digest()),
                Optional.of(put("v1", "two").digest()));
        AtomicBoolean over = new AtomicBoolean();
        Set<Optional<Digest>> seen = ConcurrentHashMap.newKeySet();
        List<Future<?>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                readers.add(threads.submit(() -> {
                    while (!over.get()) {
                        seen.add(repositories.find(name("v1")).map(StoredManifest::digest));
                    }
                }));
            }
            try {
                for (int i = 0; i < 100; i++) {
                    put("v1", i % 2 == 0 ? "one" : "two");
                }
            } finally {
                over.set(true);
            }
            for (Future<?> reader : readers) {
                reader.get(20, TimeUnit.SECONDS);
            }
        }

        assertEquals(ends, seen);
    }

    @Test
    void a_blob_is_free_when_the_last_manifest_that_needs_it_is_gone() throws IOException {
        StoredManifest one = put("v1", "one");
        StoredManifest two = put("v2", "two");

        repositories.remove(WEB, one.digest());
        now = now.plus(Duration.ofHours(2));
        repositories.expire();
        assertFalse(isFreed(BLOB));
        Set<Digest> freed = repositories.remove(WEB, two.digest());

        assertEquals(Set.of(two.digest(), BLOB), freed);
        assertTrue(isFreed(BLOB));
        assertTrue(Files.notExists(root.resolve("edge.lan:5000/acme/web/_repository.json")));
    }

    @Test
    void a_lease_keeps_a_blob_for_a_while_and_a_hold_as_long_as_it_is_open() throws IOException {
        repositories.lease(WEB, BLOB);
        assertFalse(isFreed(BLOB));
        now = now.plus(Duration.ofMinutes(61));
        assertEquals(Set.of(BLOB), repositories.expire());

        try (Repositories.Hold _ = repositories.hold(BLOB)) {
            assertFalse(isFreed(BLOB));
            assertFalse(repositories.has(WEB, BLOB), "a hold gives no right");
        }
        assertTrue(isFreed(BLOB));
    }

    @Test
    void a_lease_lasts_as_long_whoever_sets_the_clock() throws IOException {
        Instant[] steady = {Instant.EPOCH};
        repositories = new Repositories(root, content, () -> now, () -> steady[0]);
        repositories.lease(WEB, BLOB);

        now = now.plus(Duration.ofDays(1));
        assertEquals(Set.of(), repositories.expire());
        now = now.minus(Duration.ofDays(400));
        steady[0] = steady[0].plus(Duration.ofMinutes(61));

        assertEquals(Set.of(BLOB), repositories.expire());
    }

    @Test
    void who_was_told_that_a_blob_is_here_can_push_though_what_needed_it_is_removed_meanwhile() throws IOException {
        Repository other = new Repository("edge.lan:5000", "acme/other");
        StoredManifest here = put("v1", "one");
        repositories.lease(other, BLOB);
        now = now.plus(Duration.ofMinutes(50));
        assertTrue(repositories.keep(WEB, BLOB));

        repositories.remove(WEB, here.digest());

        now = now.plus(Duration.ofMinutes(50));
        repositories.expire();
        assertFalse(repositories.has(other, BLOB));
        assertFalse(isFreed(BLOB));
        byte[] two = document("two");
        StoredManifest next = StoredManifest.read(two, MediaType.OCI_MANIFEST, null);
        repositories.put(WEB, next, two, new Naming(Set.of("v2"), ""));
        assertEquals(Optional.of(next), repositories.find(name("v2")));
    }

    @Test
    void a_lease_of_another_repository_keeps_a_blob_that_a_removed_manifest_needed() throws IOException {
        Repository other = new Repository("edge.lan:5000", "acme/other");
        StoredManifest here = put("v1", "one");
        now = now.plus(Duration.ofMinutes(50));
        repositories.lease(other, BLOB);

        repositories.remove(WEB, here.digest());
        now = now.plus(Duration.ofMinutes(50));
        repositories.expire();

        assertFalse(isFreed(BLOB));
        assertTrue(repositories.has(other, BLOB));
        assertFalse(repositories.has(WEB, BLOB));
    }

    @Test
    void a_mirrored_repository_that_is_forgotten_gives_no_right_to_its_blobs() throws IOException {
        byte[] bytes = document("one");
        StoredManifest manifest = StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null);
        repositories.mirror(WEB, manifest, bytes, Optional.of("v1"));
        assertTrue(repositories.keep(WEB, BLOB));
        assertEquals(1, repositories.countMirrored().repositories());

        assertEquals(Set.of(manifest.digest(), BLOB), repositories.forget(WEB));

        assertFalse(repositories.has(WEB, BLOB));
        assertTrue(isFreed(BLOB));
        put("v1", "own");
        assertEquals(Set.of(), repositories.forget(WEB), "what was pushed is not forgotten");
        assertEquals(0, repositories.countMirrored().repositories());
    }

    @Test
    void where_a_mirrored_tag_points_is_not_known_here_and_what_it_left_is_free() throws IOException {
        byte[] one = document("one");
        byte[] two = document("two");
        StoredManifest first = StoredManifest.read(one, MediaType.OCI_MANIFEST, null);
        repositories.mirror(WEB, first, one, Optional.of("v1"));

        Set<Digest> freed = repositories.mirror(
                WEB, StoredManifest.read(two, MediaType.OCI_MANIFEST, null), two, Optional.of("v1"));

        assertEquals(Set.of(first.digest()), freed);
        assertTrue(repositories.find(name("v1")).isEmpty());
        assertEquals(
                Digest.sha256(two),
                repositories.contents(WEB).tagged("v1").orElseThrow().digest());
    }

    @Test
    void who_pushed_a_tag_is_known_after_a_start_and_until_somebody_else_does() throws IOException {
        StoredManifest one = put("v1", "one");
        assertEquals(Map.of(), repositories.contents(WEB).pushers());
        repositories.put(WEB, one, document("one"), new Naming(Set.of("v1", "v2"), "alice"));

        start();

        assertEquals(
                Map.of("v1", "alice", "v2", "alice"), repositories.contents(WEB).pushers());
        repositories.untag(WEB, "v2");
        repositories.put(WEB, one, document("one"), new Naming(Set.of("v1"), ""));
        assertEquals(Map.of(), repositories.contents(WEB).pushers());
    }

    @Test
    void a_file_that_cannot_be_read_stays_and_nothing_is_freed_that_it_may_need() throws IOException {
        put("v1", "one");
        Path broken =
                Files.createDirectories(root.resolve("edge.lan:5000/broken")).resolve("_repository.json");
        Files.writeString(broken, "{");

        start();

        assertEquals(Set.of(WEB), repositories.list());
        assertTrue(Files.exists(broken));
        assertFalse(isFreed(Digest.sha256("of the broken one".getBytes(UTF_8))));
    }

    private StoredManifest put(String tag, String text) throws IOException {
        content.put(Descriptor.of(MediaType.OCI_CONFIG, CONFIG), CONFIG);
        repositories.lease(WEB, BLOB);
        byte[] bytes = document(text);
        StoredManifest manifest = StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null);
        repositories.put(WEB, manifest, bytes, new Naming(Set.of(tag), ""));
        return manifest;
    }

    private static byte[] document(String text) {
        return ManifestCodec.write(new ImageManifest(
                MediaType.OCI_MANIFEST, Descriptor.of(MediaType.OCI_CONFIG, CONFIG), List.of(), Map.of("text", text)));
    }

    private boolean isFreed(Digest blob) throws IOException {
        List<Digest> freed = new ArrayList<>();
        repositories.unlessClaimed(blob, () -> freed.add(blob));
        return !freed.isEmpty();
    }

    private static Reference name(String tag) {
        return new Reference(WEB, tag, null);
    }
}
