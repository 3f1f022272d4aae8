package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.runtime.RuntimeLab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Volumes that are filled when they are made.
class PopulationKernelTest {
    @TempDir
    private Path folder = Path.of("");

    private VolumeRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new VolumeRig(folder);
    }

    @AfterEach
    void close() throws Exception {
        rig.managed.mounted().dismantle();
        rig.close();
    }

    @Test
    void a_volume_waits_for_its_image_and_gets_what_it_has() throws Exception {
        Path layer = Files.createDirectories(folder.resolve("layer/srv/data"));
        Files.writeString(layer.resolve("seed"), "from the image");
        rig.layers = List.of(folder.resolve("layer"));
        rig.create(VolumeRig.OWN, "Volume", "data", from("/srv/data"));

        assertInstanceOf(Result.Waiting.class, rig.round("data"));

        assertEquals("False: image acme/seed is being made present", rig.message("data", "Ready"));
        assertEquals(List.of(), rig.forgotten, "the image is kept for it");
        rig.image = new Answer.Present(RuntimeLab.image(), true);
        rig.round("data");
        Path path =
                Path.of(rig.get(VolumeRig.volume("data")).status().path("path").asText());
        assertEquals("from the image", Files.readString(path.resolve("seed")));
        assertEquals("True: from image acme/seed, /srv/data", rig.message("data", "Populated"));
        assertEquals(List.of(rig.get(VolumeRig.volume("data")).uid()), rig.forgotten);
        Files.delete(path.resolve("seed"));
        rig.round("data");
        assertTrue(Files.notExists(path.resolve("seed")), "it is filled once");
    }

    @Test
    void an_image_that_cannot_be_had_or_lacks_the_path_is_told_of() throws Exception {
        rig.layers = List.of(Files.createDirectories(folder.resolve("layer")));
        rig.image = new Answer.Failed("ErrImagePull", "pull acme/seed: not found", Instant.EPOCH);
        rig.create(VolumeRig.OWN, "Volume", "data", from("/missing"));
        rig.round("data");
        assertEquals("False: pull acme/seed: not found", rig.message("data", "Ready"));

        rig.image = new Answer.Present(RuntimeLab.image(), true);
        rig.round("data");

        assertEquals("False: the image has no directory at /missing", rig.message("data", "Ready"));
        assertTrue(rig.managed.list().isEmpty(), "nothing half-made is found");
    }

    @Test
    void memory_is_a_volume_until_its_object_goes() throws Exception {
        Path memory = rig.volume("data", "{type: Memory, capacity: 1Mi, reclaimPolicy: Delete}");
        assertEquals("tmpfs", Files.getFileStore(memory).type());
        assertEquals(1 << 20, Files.getFileStore(memory).getTotalSpace());
        Files.writeString(memory.resolve("file"), "x");
        rig.round("data");

        rig.delete(VolumeRig.volume("data"));
        rig.round("data");

        assertTrue(rig.find(VolumeRig.volume("data")).isEmpty());
        assertTrue(Files.notExists(memory));
    }

    @Test
    void a_server_that_nobody_is_at_keeps_its_volume_from_being_ready() throws Exception {
        rig.create(VolumeRig.OWN, "Volume", "data", "spec: {nfs: {server: 127.0.0.1, path: /srv, options: [port=1]}}");

        assertInstanceOf(Result.Waiting.class, rig.round("data"));

        assertEquals("False: reach NFS server 127.0.0.1, port 1: Connection refused", rig.message("data", "Ready"));
        assertTrue(Files.notExists(folder.resolve("volumes/.notes")), "a server's directory is no data of this host");
        rig.delete(VolumeRig.volume("data"));
        rig.round("data");
        assertTrue(rig.find(VolumeRig.volume("data")).isEmpty());
    }

    private static String from(String path) {
        return "spec: {populate: {fromImagePath: {image: acme/seed, path: %s}}}".formatted(path);
    }
}
