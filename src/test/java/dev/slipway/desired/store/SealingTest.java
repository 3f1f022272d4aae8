package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Secrets on the disk: nobody reads them there without the key.
class SealingTest {
    private static final String PASSWORD = "correct-horse-battery";
    private static final ObjectKey SECRET = new ObjectKey(GroupResource.core("secrets"), "default", "login");
    private static final ObjectKey MAP = new ObjectKey(GroupResource.core("configmaps"), "default", "words");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_secret_is_encrypted_on_the_disk_and_found_again() throws Exception {
        try (ObjectStore store = open()) {
            store.create(SECRET, object("Secret", "login", PASSWORD));
            store.create(MAP, object("ConfigMap", "words", "everybody-may-see"));
        }

        assertFalse(isOnDisk(PASSWORD));
        assertTrue(isOnDisk("everybody-may-see"), "what is no secret is plain");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys())));
        assertEquals(PASSWORD, read());
    }

    @Test
    void without_the_key_the_store_does_not_open() throws Exception {
        try (ObjectStore store = open()) {
            store.create(SECRET, object("Secret", "login", PASSWORD));
        }
        List<String> key = Files.readAllLines(keys());
        Files.delete(keys());

        IOException missing = assertThrows(IOException.class, this::open);

        assertTrue(missing.getMessage().contains("its key is missing: there is no " + keys()), missing.getMessage());
        assertTrue(missing.getMessage().contains("move it away"), missing.getMessage());
        assertFalse(Files.exists(keys()), "no other key is made that would hide the loss");
        Files.writeString(keys(), "A".repeat(43) + "=\n");
        assertThrows(IOException.class, this::open, "others can read the file");
        Files.setPosixFilePermissions(keys(), PosixFilePermissions.fromString("rw-------"));
        assertTrue(assertThrows(IOException.class, this::open).getMessage().contains("its key is not in " + keys()));
        Files.write(keys(), key);
        assertEquals(PASSWORD, read());
    }

    @Test
    void a_key_on_top_takes_the_place_of_the_others_at_the_next_start() throws Exception {
        try (ObjectStore store = open()) {
            store.create(SECRET, object("Secret", "login", PASSWORD));
        }
        String old = Files.readString(keys());
        Files.writeString(keys(), "B".repeat(42) + "A=\n" + old);

        assertEquals(PASSWORD, read());

        Files.writeString(keys(), "B".repeat(42) + "A=\n");
        assertEquals(PASSWORD, read());
        Files.writeString(keys(), old);
        assertThrows(IOException.class, this::open, "nothing is left that the key of before opens");
    }

    @Test
    void what_an_earlier_engine_wrote_in_plain_is_encrypted_and_nothing_of_it_stays() throws Exception {
        Path directory = Files.createDirectories(folder.resolve("objects"));
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("objects.db"))) {
            try (var statement = connection.createStatement()) {
                statement.execute(
                        "CREATE TABLE objects (api_group TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL,"
                                + " name TEXT NOT NULL, json BLOB NOT NULL, PRIMARY KEY (api_group, plural, namespace, name))"
                                + " WITHOUT ROWID");
                statement.execute("CREATE TABLE counter (version INTEGER NOT NULL)");
                statement.execute("INSERT INTO counter VALUES (1)");
            }
            try (var insert =
                    connection.prepareStatement("INSERT INTO objects VALUES ('', 'secrets', 'default', 'login', ?)")) {
                String json =
                        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"login\",\"namespace\":"
                                + "\"default\",\"resourceVersion\":\"1\"},\"data\":{\"text\":\"" + PASSWORD + "\"}}";
                insert.setBytes(1, json.getBytes(StandardCharsets.UTF_8));
                insert.executeUpdate();
            }
        }
        assertTrue(isOnDisk(PASSWORD));

        assertEquals(PASSWORD, read());

        assertFalse(isOnDisk(PASSWORD));
        assertEquals(PASSWORD, read());
    }

    @Test
    void what_was_left_in_free_pages_before_a_crash_is_cleaned_at_the_next_start() throws Exception {
        try (ObjectStore store = open()) {
            store.create(SECRET, object("Secret", "login", PASSWORD));
        }
        // As an engine leaves it that ends after it has encrypted a plain secret, and before it has cleaned the file.
        sql(
                "PRAGMA secure_delete=OFF",
                "CREATE TABLE plain (json TEXT)",
                "INSERT INTO plain VALUES (printf('%.*c', 9000, 'x') || 'left-behind')",
                "DROP TABLE plain",
                "INSERT INTO vacuum_due VALUES ('')");
        assertTrue(isOnDisk("left-behind"));

        assertEquals(PASSWORD, read());

        assertFalse(isOnDisk("left-behind"));
    }

    @Test
    void a_file_in_which_removed_secrets_were_left_is_cleaned_once() throws Exception {
        try (ObjectStore store = open()) {
            store.create(SECRET, object("Secret", "login", PASSWORD));
        }
        sql(
                "PRAGMA secure_delete=OFF",
                "CREATE TABLE plain (json TEXT)",
                "INSERT INTO plain VALUES (printf('%.*c', 9000, 'x') || 'left-behind')",
                "DROP TABLE plain",
                "DROP TABLE vacuum_due");

        assertEquals(PASSWORD, read());

        assertFalse(isOnDisk("left-behind"));
        try (var connection = java.sql.DriverManager.getConnection(
                        "jdbc:sqlite:" + folder.resolve("objects").resolve("objects.db"));
                var row = connection.createStatement().executeQuery("SELECT count(*) FROM vacuum_due")) {
            assertEquals(0, row.getInt(1), "the next start has nothing to clean");
        }
    }

    @Test
    void what_is_removed_is_overwritten() throws Exception {
        try (ObjectStore store = open()) {
            store.create(MAP, object("ConfigMap", "words", "x".repeat(9000) + "left-behind"));
        }
        assertTrue(isOnDisk("left-behind"));

        try (ObjectStore store = open()) {
            store.delete(MAP, store.get(MAP).orElseThrow().resourceVersion());
        }

        assertFalse(isOnDisk("left-behind"));
    }

    private void sql(String... statements) throws Exception {
        try (var connection = java.sql.DriverManager.getConnection(
                        "jdbc:sqlite:" + folder.resolve("objects").resolve("objects.db"));
                var statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    @Test
    void bytes_of_one_secret_do_not_pass_for_another() throws Exception {
        Sealing sealing = new Sealing(keys());
        byte[] sealed = sealing.seal(SECRET, "{}".getBytes(StandardCharsets.UTF_8));

        assertThrows(
                IOException.class, () -> sealing.unseal(new ObjectKey(SECRET.resource(), "default", "other"), sealed));
        sealed[sealed.length - 1] ^= 1;
        assertThrows(IOException.class, () -> sealing.unseal(SECRET, sealed));
    }

    private Path keys() {
        return folder.resolve("objects.key");
    }

    private ObjectStore open() throws IOException {
        return SqliteObjectStore.open(folder.resolve("objects"));
    }

    private String read() throws IOException {
        try (ObjectStore store = open()) {
            return store.get(SECRET).orElseThrow().tree().at("/data/text").asText();
        }
    }

    private boolean isOnDisk(String text) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("objects"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static ApiObject object(String kind, String name, String text) throws IOException {
        return ApiObject.of(
                ObjectCodec.readObject("""
                {"apiVersion": "v1", "kind": "%s", "metadata": {"name": "%s", "namespace": "default"},
                 "data": {"text": "%s"}}""".formatted(kind, name, text).getBytes(StandardCharsets.UTF_8)));
    }
}
