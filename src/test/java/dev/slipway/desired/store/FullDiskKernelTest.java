package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskKernelTest {
    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void mount() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=1m", "slipway-test", folder.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "-l", folder.toString());
    }

    @Test
    void a_full_disk_refuses_writes_loses_nothing_and_heals_when_there_is_space() throws Exception {
        Path ballast = Files.write(folder.resolve("ballast"), new byte[500_000]);
        ObjectStore store = SqliteObjectStore.open(folder.resolve("objects"));

        IOException refusal = assertThrows(IOException.class, () -> fill(store, 0));
        int stored = (int) store.resourceVersion();
        assertTrue(refusal.getMessage().contains("full"), refusal.getMessage());
        assertTrue(stored > 5, "stored only " + stored);
        assertEquals(stored, list(store));

        Files.delete(ballast);
        assertEquals(stored + 1, write(store, stored));
        store.close();
        try (ObjectStore again = SqliteObjectStore.open(folder.resolve("objects"))) {
            assertEquals(stored + 1, list(again));
        }
    }

    /// Who has filled the disk can only be stopped by a write.
    @Test
    void a_store_with_room_of_its_own_is_written_on_a_full_disk() throws Exception {
        run("mount", "-o", "remount,size=16m", folder.toString());
        Path objects = folder.resolve("objects");
        try (ObjectStore store = SqliteObjectStore.open(objects, FullDiskKernelTest::room)) {
            write(store, 0);
            fillDisk();

            List<Long> versions = new ArrayList<>();
            for (int i = 1; i <= 100; i++) {
                versions.add(write(store, i));
            }
            for (int i = 1; i <= 90; i++) {
                store.delete(new ObjectKey(GroupResource.core("pods"), "default", "p" + i), versions.get(i - 1));
            }
            assertEquals(11, list(store));
        }
        try (ObjectStore again = SqliteObjectStore.open(objects, FullDiskKernelTest::room)) {
            assertEquals(11, list(again));
        }
    }

    @Test
    void a_store_that_cannot_be_written_is_found_out_without_a_write_and_so_is_its_recovery() throws Exception {
        Path ballast = Files.write(folder.resolve("ballast"), new byte[500_000]);
        Instant[] now = {Instant.parse("2026-01-31T08:00:00Z")};
        try (SqliteObjectStore store = SqliteObjectStore.open(folder.resolve("objects"))) {
            StoreCheck check = StoreCheck.of(store, () -> now[0]);
            write(store, 0);
            fillDisk();
            assertThrows(IOException.class, () -> fill(store, 1));
            assertTrue(check.trouble().contains("full"), check.trouble());
            now[0] = now[0].plusSeconds(10);
            assertTrue(check.trouble().contains("full"), check.trouble());

            Files.delete(ballast);
            Files.delete(folder.resolve("filler"));
            now[0] = now[0].plusSeconds(10);
            assertEquals("", check.trouble());
            write(store, 1001);
        }
    }

    private void fillDisk() throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream file = Files.newOutputStream(folder.resolve("filler"))) {
            IOException full = assertThrows(IOException.class, () -> {
                while (true) {
                    file.write(block);
                }
            });
            assertTrue(String.valueOf(full.getMessage()).contains("No space"), full.getMessage());
        }
    }

    private static Reservation.Room room(Path file) throws IOException {
        Fd opened = FileContent.openToReserve(file);
        return new Reservation.Room() {
            @Override
            public void reserve(long bytes) throws IOException {
                FileContent.reserve(opened, bytes);
            }

            @Override
            public void close() {
                opened.close();
            }
        };
    }

    private static void fill(ObjectStore store, int first) throws Exception {
        for (int i = first; i < 1000; i++) {
            write(store, i);
        }
    }

    private static long write(ObjectStore store, int number) throws Exception {
        ObjectNode tree = ObjectCodec.json().createObjectNode().put("spec", "x".repeat(10_000));
        tree.putObject("metadata").put("name", "p" + number);
        return store.create(new ObjectKey(GroupResource.core("pods"), "default", "p" + number), ApiObject.of(tree))
                .resourceVersion();
    }

    private static int list(ObjectStore store) {
        return store.list(GroupResource.core("pods"), "").items().size();
    }

    private static void run(String... words) throws Exception {
        Process process = new ProcessBuilder(words).inheritIO().start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", words));
    }
}
