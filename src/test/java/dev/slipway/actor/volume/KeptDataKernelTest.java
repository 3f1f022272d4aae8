package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Volumes that come back under a name whose data were kept.
class KeptDataKernelTest {
    @TempDir
    private Path folder = Path.of("");

    private VolumeRig rig;
    private Path monday;
    private Path tuesday;

    @BeforeEach
    void open() throws Exception {
        rig = new VolumeRig(Files.createDirectory(folder.resolve("root")));
        monday = archive("monday");
        tuesday = archive("tuesday");
    }

    @AfterEach
    void close() throws Exception {
        rig.managed.mounted().dismantle();
        rig.close();
    }

    private Path archive(String content) throws Exception {
        Path tree = Files.createDirectory(folder.resolve(content));
        Files.writeString(tree.resolve("file"), content);
        Path archive = folder.resolve(content + ".tar");
        Process tar = new ProcessBuilder("tar", "-C", tree.toString(), "-cf", archive.toString(), ".").start();
        assertEquals(0, tar.waitFor());
        return archive;
    }

    private static String from(Path archive) {
        return "{populate: {fromArchive: {path: %s}}}".formatted(archive);
    }

    private void letGo() throws Exception {
        rig.delete(VolumeRig.volume("data"));
        rig.round("data");
        assertTrue(rig.find(VolumeRig.volume("data")).isEmpty());
    }

    private String content() throws IOException {
        return Files.readString(folder.resolve("root/volumes/default.data/file"));
    }

    @Test
    void data_from_the_same_source_are_had_again_as_they_are_and_it_is_said() throws Exception {
        Path path = rig.volume("data", from(monday));
        Files.writeString(path.resolve("file"), "mine");
        letGo();

        assertEquals(path, rig.volume("data", from(monday)));

        assertEquals("mine", content());
        assertEquals("True: ", rig.message("data", "Ready"));
        assertEquals(
                "True: from archive %s, for an earlier volume of this name whose data were kept".formatted(monday),
                rig.message("data", "Populated"));
        assertEquals(
                List.of("it has the data of an earlier volume of this name, made from archive " + monday), events());
        long version = rig.store.resourceVersion();
        rig.round("data");
        assertEquals(version, rig.store.resourceVersion(), "it is said once");
    }

    @Test
    void who_is_to_be_populated_from_something_else_gets_nothing_and_takes_nothing_away() throws Exception {
        rig.volume("data", from(monday));
        letGo();
        rig.create(
                VolumeRig.OWN,
                "Volume",
                "data",
                "spec: {reclaimPolicy: Delete, " + from(tuesday).substring(1));

        assertInstanceOf(Result.Stalled.class, rig.round("data"));

        String why = "data of an earlier volume of this name are kept, of type Managed, made from archive " + monday;
        assertTrue(rig.message("data", "Ready").startsWith("False: " + why), rig.message("data", "Ready"));
        assertTrue(rig.message("data", "Stalled").startsWith("True: " + why), rig.message("data", "Stalled"));
        assertTrue(rig.message("data", "Populated").startsWith("False: "), rig.message("data", "Populated"));
        letGo();
        assertEquals("monday", content());
        rig.volume("data", "{reclaimPolicy: Delete}");
        assertEquals("True: ", rig.message("data", "Ready"), "who asks for no content may have them");
        letGo();
        rig.volume("data", from(tuesday));
        assertEquals("tuesday", content());
        assertEquals("True: from archive " + tuesday, rig.message("data", "Populated"));
    }

    @Test
    void data_that_began_empty_are_no_others() throws Exception {
        Files.writeString(rig.volume("data", "{}").resolve("file"), "mine");
        letGo();

        rig.volume("data", from(monday));

        assertTrue(rig.message("data", "Ready").contains("empty at first"), rig.message("data", "Ready"));
        assertEquals("mine", content());
    }

    @Test
    void who_is_of_another_type_does_not_get_the_directory() throws Exception {
        Files.writeString(rig.volume("data", "{}").resolve("file"), "mine");
        for (String other : List.of(
                "{type: Memory, reclaimPolicy: Delete}", "{nfs: {server: 127.0.0.1, path: /srv, options: [port=1]}}")) {
            letGo();

            rig.volume("data", other);

            assertTrue(rig.message("data", "Ready").contains("are kept, of type Managed"), other);
        }
        letGo();
        assertEquals("mine", content());
    }

    @Test
    void memory_that_was_retained_is_no_directory() throws Exception {
        Path memory = rig.volume("data", "{type: Memory, capacity: 1Mi}");
        Files.writeString(memory.resolve("file"), "mine");
        letGo();

        rig.volume("data", "{reclaimPolicy: Delete}");

        assertTrue(rig.message("data", "Ready").contains("are kept, of type Memory"), rig.message("data", "Ready"));
        letGo();
        assertEquals(memory, rig.volume("data", "{type: Memory, capacity: 1Mi}"));
        assertEquals("mine", Files.readString(memory.resolve("file")));
    }

    @Test
    void data_of_which_nothing_was_noted_stay_with_who_has_them() throws Exception {
        rig.volume("data", from(monday));
        rig.managed.notes().remove(VolumeStorage.name(rig.get(VolumeRig.volume("data"))));

        rig.round("data");

        assertEquals("True: from archive " + monday, rig.message("data", "Populated"));
        letGo();
        rig.managed.notes().remove(VolumeName.of("default", "data"));
        rig.volume("data", from(monday));
        assertTrue(rig.message("data", "Ready").contains("made from what is not known"));
    }

    private List<String> events() {
        return rig.store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("message").asText())
                .toList();
    }
}
