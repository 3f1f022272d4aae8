package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final int KILLS = 5;
    private static final int FRAME = 4096 + 24;

    @TempDir
    private Path folder = Path.of("");

    private final Random random = new Random(42);

    @Test
    void what_was_acknowledged_survives_kills_at_any_moment() throws Exception {
        Map<String, Acknowledged> last = new HashMap<>();
        long newest = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            newest = Math.max(newest, writeUntilKilled(last, 50 + random.nextInt(400)));

            try (ObjectStore store = SqliteObjectStore.open(folder)) {
                assertTrue(store.resourceVersion() >= newest, "versions went back");
                for (Acknowledged write : last.values()) {
                    check(store, write);
                }
            }
        }
        assertTrue(newest > KILLS * 10L, "too few writes to mean anything: " + newest);
    }

    @Test
    void a_log_that_was_cut_anywhere_holds_the_writes_before_the_cut() throws Exception {
        List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));
        Path whole = folder.resolve("whole");
        Path copy = folder.resolve("copy");
        try (ObjectStore store = SqliteObjectStore.open(whole)) {
            for (int i = 1; i <= 30; i++) {
                write(store, "p" + random.nextInt(5), "value-" + i);
                states.add(state(store));
            }
            // Copied while it is open, so that everything is still in the log.
            copy(whole, copy);
        }
        long size = Files.size(copy.resolve("objects.db-wal"));
        long seen = -1;

        for (long cut = size; cut >= 0; cut -= FRAME / 3) {
            Path damaged = folder.resolve("cut" + cut);
            copy(copy, damaged);
            try (FileChannel log = FileChannel.open(damaged.resolve("objects.db-wal"), StandardOpenOption.WRITE)) {
                log.truncate(cut);
            }
            long version = versionAndState(damaged, states);
            assertTrue(seen < 0 || version <= seen, "a shorter log holds more");
            seen = version;
        }
        assertEquals(0, seen);
    }

    @Test
    void a_flipped_byte_in_the_log_hides_what_follows_and_invents_nothing() throws Exception {
        List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));
        Path copy = folder.resolve("copy");
        try (ObjectStore store = SqliteObjectStore.open(folder.resolve("whole"))) {
            for (int i = 1; i <= 20; i++) {
                write(store, "p" + random.nextInt(5), "value-" + i);
                states.add(state(store));
            }
            copy(folder.resolve("whole"), copy);
        }
        int size = (int) Files.size(copy.resolve("objects.db-wal"));

        for (int i = 0; i < 40; i++) {
            Path damaged = folder.resolve("flip" + i);
            copy(copy, damaged);
            Path log = damaged.resolve("objects.db-wal");
            byte[] bytes = Files.readAllBytes(log);
            bytes[random.nextInt(size)] ^= 0x40;
            Files.write(log, bytes);
            assertTrue(versionAndState(damaged, states) <= 20);
        }
    }

    @Test
    void a_damaged_database_is_refused_and_left_as_it_is() throws Exception {
        try (ObjectStore store = SqliteObjectStore.open(folder)) {
            for (int i = 0; i < 50; i++) {
                write(store, "p" + i, "x".repeat(500));
            }
        }
        Path file = folder.resolve("objects.db");
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 4096; i < bytes.length; i++) {
            bytes[i] = 'x';
        }
        Files.write(file, bytes);

        String message = assertThrows(IOException.class, () -> SqliteObjectStore.open(folder))
                .getMessage();

        assertTrue(message.contains("object store"), message);
        assertTrue(message.contains("put a copy of " + folder + " back, or move it away"), message);
        assertEquals(bytes.length, Files.size(file));
    }

    @Test
    void an_emptied_database_beside_its_key_is_refused_and_left_as_it_is() throws Exception {
        Path directory = folder.resolve("objects");
        ObjectKey secret = new ObjectKey(GroupResource.core("secrets"), "default", "password");
        try (ObjectStore store = SqliteObjectStore.open(directory)) {
            store.create(secret, object("password", "hidden"));
        }
        Files.write(directory.resolve("objects.db"), new byte[0]);

        String message = assertThrows(IOException.class, () -> SqliteObjectStore.open(directory))
                .getMessage();

        assertTrue(message.contains("it is empty"), message);
        assertTrue(message.contains("put a copy of " + directory + " back, or move it away"), message);
        assertEquals(0, Files.size(directory.resolve("objects.db")));
    }

    @Test
    void an_emptied_or_removed_database_does_not_take_its_log_with_it() throws Exception {
        Path copy = folder.resolve("copy");
        try (ObjectStore store = SqliteObjectStore.open(folder.resolve("whole"))) {
            write(store, "p", "value");
            copy(folder.resolve("whole"), copy);
        }
        Path file = copy.resolve("objects.db");
        Path log = copy.resolve("objects.db-wal");
        long size = Files.size(log);
        Files.write(file, new byte[0]);

        assertThrows(IOException.class, () -> SqliteObjectStore.open(copy));
        Files.delete(file);
        assertThrows(IOException.class, () -> SqliteObjectStore.open(copy));

        assertEquals(size, Files.size(log));
    }

    @Test
    void an_empty_database_that_held_nothing_yet_is_begun() throws Exception {
        Files.createFile(folder.resolve("objects.db"));

        try (ObjectStore store = SqliteObjectStore.open(folder)) {
            assertEquals(0, store.resourceVersion());
        }
    }

    /// The last thing that the store has said yes to, for one key.
    ///
    /// @param value of the object, empty when it was deleted
    private record Acknowledged(String name, long version, String value) {
        static Acknowledged parse(String line) {
            String[] words = line.split(" ", -1);
            return new Acknowledged(words[1], Long.parseLong(words[0]), words[2]);
        }
    }

    /// @return the newest version that was acknowledged
    private long writeUntilKilled(Map<String, Acknowledged> last, int millis) throws Exception {
        Process writer = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long newest = 0;
        try (BufferedReader said = writer.inputReader()) {
            long end = Long.MAX_VALUE;
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (!line.endsWith(" .")) {
                    continue; // cut off by the kill
                }
                Acknowledged write = Acknowledged.parse(line);
                last.put(write.name(), write);
                newest = Math.max(newest, write.version());
                end = Math.min(end, System.nanoTime() + millis * 1_000_000L);
                if (System.nanoTime() > end) {
                    // By its handle, because that leaves what it has said readable.
                    writer.toHandle().destroyForcibly();
                }
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        return newest;
    }

    /// The object is as acknowledged, or as the one write has left it that was under way.
    private static void check(ObjectStore store, Acknowledged write) {
        ApiObject found = store.get(key(write.name())).orElse(null);
        long version = found == null ? 0 : found.resourceVersion();
        boolean same = found == null ? write.value().isEmpty() : version == write.version();
        if (same) {
            assertEquals(write.value(), found == null ? "" : found.spec().asText(), write.name());
        } else {
            assertTrue(version == 0 || version > write.version(), write + " but found version " + version);
            assertTrue(version == 0 || !found.spec().asText().equals(write.value()), "an older value: " + write);
        }
    }

    private static long versionAndState(Path directory, List<Map<String, String>> states) throws IOException {
        try (ObjectStore store = SqliteObjectStore.open(directory)) {
            assertEquals(states.get((int) store.resourceVersion()), state(store));
            return store.resourceVersion();
        }
    }

    private static Map<String, String> state(ObjectStore store) {
        Map<String, String> state = new HashMap<>();
        store.list(PODS, "")
                .items()
                .forEach(pod -> state.put(pod.name(), pod.spec().asText()));
        return state;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(each -> !each.endsWith("lock")).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(PODS, "default", name);
    }

    private static ApiObject object(String name, String value) {
        return ApiObject.of(ObjectCodec.json()
                .createObjectNode()
                .put("spec", value)
                .set("metadata", ObjectCodec.json().createObjectNode().put("name", name)));
    }

    /// @return the version of the write
    private static long write(ObjectStore store, String name, String value) throws IOException {
        try {
            ApiObject current = store.get(key(name)).orElse(null);
            if (current == null) {
                return store.create(key(name), object(name, value)).resourceVersion();
            }
            return value.isEmpty()
                    ? store.delete(key(name), current.resourceVersion()).resourceVersion()
                    : store.update(key(name), object(name, value), current.resourceVersion())
                            .resourceVersion();
        } catch (AlreadyExistsException | ConflictException e) {
            throw new IllegalStateException("nobody else writes this key", e);
        }
    }

    /// The child process: four threads write keys of their own and say what was acknowledged, until they are
    /// killed.
    static final class Writer {
        private Writer() {}

        public static void main(String[] words) throws IOException, InterruptedException {
            ObjectStore store = SqliteObjectStore.open(Path.of(words[0]));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String owner = "t" + i;
                threads.add(Thread.ofPlatform().start(() -> writeForEver(store, owner)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private static void writeForEver(ObjectStore store, String owner) {
            try {
                for (int i = 0; ; i++) {
                    String name = owner + "-" + i % 7;
                    boolean delete = i % 5 == 4 && store.get(key(name)).isPresent();
                    String value = delete ? "" : owner + "." + i + "." + store.resourceVersion();
                    long version = write(store, name, value);
                    System.out.println(version + " " + name + " " + value + " .");
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
