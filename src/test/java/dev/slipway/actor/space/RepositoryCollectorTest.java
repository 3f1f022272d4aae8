package dev.slipway.actor.space;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.content.MemoryContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryCollectorTest {
    private static final Repository WEB = new Repository("edge.lan:5000", "acme/web");

    @TempDir
    Path root;

    private final MemoryContentStore content = new MemoryContentStore();
    private final List<Set<Digest>> freed = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Repositories repositories;
    private int steps;
    private int stepsUntilMaking = Integer.MAX_VALUE;
    private boolean making;

    @BeforeEach
    void push() throws Exception {
        repositories = new Repositories(root, content, () -> now, () -> now);
        repositories.start();
        for (String text : List.of("one", "two", "three", "four")) {
            now = now.plus(Duration.ofDays(1));
            push(text);
        }
    }

    private void push(String text) throws Exception {
        byte[] config = text.getBytes(UTF_8);
        Descriptor blob = Descriptor.of(MediaType.OCI_CONFIG, config);
        content.put(blob, config);
        repositories.lease(WEB, blob.digest());
        byte[] bytes = ManifestCodec.write(new ImageManifest(blob, List.of()));
        repositories.put(
                WEB, StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null), bytes, new Naming(Set.of("latest"), ""));
    }

    private RepositoryCollector collector() {
        return new RepositoryCollector(repositories, freed::add, this::needed, this::quietly, () -> now);
    }

    private Set<Digest> needed() {
        return Set.of();
    }

    private void quietly(RepositoryCollector.Work work) throws IOException {
        if (!making && steps < stepsUntilMaking) {
            steps++;
            work.run();
        }
    }

    @Test
    void what_became_unused_at_many_times_goes_in_one_step() throws Exception {
        assertEquals(List.of("edge.lan:5000/acme/web"), collector().removeAll());

        assertEquals(1, freed.size());
        assertEquals(6, freed.getFirst().size(), "three manifests, and a blob of each");
        assertEquals(1, steps);
        assertEquals(1, repositories.contents(WEB).manifests().size());
    }

    @Test
    void nothing_goes_while_something_is_made() throws Exception {
        making = true;

        assertEquals(List.of(), collector().removeAll());

        assertEquals(List.of(), freed);
        assertEquals(4, repositories.contents(WEB).manifests().size());
        making = false;
        assertEquals(List.of("edge.lan:5000/acme/web"), collector().removeAll());
    }

    private void makeRoom(FileSystemSpace.Gauge gauge) throws IOException {
        collector().free(new CollectionSettings(85, 80, Duration.ZERO, Duration.ofDays(30)), gauge);
    }

    private int left() {
        return repositories.contents(WEB).manifests().size();
    }

    @Test
    void room_is_made_the_longest_unused_first_until_there_is_enough() throws Exception {
        makeRoom(() -> new FileSystemSpace(1000, left() > 2 ? 100 : 300));

        assertEquals(2, left());
        assertEquals(2, freed.size());
    }

    @Test
    void room_for_files_is_made_in_the_same_way() throws Exception {
        makeRoom(() -> new FileSystemSpace(1000, 900, new FileSystemSpace.Inodes(100, left() > 2 ? 10 : 20)));

        assertEquals(2, left());
    }

    @Test
    void something_may_be_made_between_two_steps_and_ends_the_rest() throws Exception {
        stepsUntilMaking = 1;

        makeRoom(() -> new FileSystemSpace(1000, 100));

        assertEquals(3, left());
        stepsUntilMaking = Integer.MAX_VALUE;
        makeRoom(() -> new FileSystemSpace(1000, 100));
        assertEquals(1, left());
    }

    @Test
    void many_times_at_which_something_became_unused_are_a_few_steps() throws Exception {
        for (int i = 0; i < 200; i++) {
            now = now.plus(Duration.ofMinutes(1));
            push("more " + i);
        }

        makeRoom(() -> new FileSystemSpace(1000, 100));

        assertEquals(1, left());
        assertTrue(steps <= 32, () -> steps + " steps");
    }
}
