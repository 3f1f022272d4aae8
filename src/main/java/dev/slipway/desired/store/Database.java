package dev.slipway.desired.store;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/// The SQLite file: the current version of each object, and the last resource version given. Used by one thread.
///
/// A commit appends to SQLite's write-ahead log and syncs it (`synchronous=FULL`), so an acknowledged write survives a
/// power cut; a torn tail is recognised by its checksum. History is not kept on disk: a watch that outlives the engine
/// gets `410 Gone` and lists again, as clients of Kubernetes do anyway.
///
/// What is removed is overwritten (`secure_delete`). Where plain Secrets may have been left in free pages, a row in
/// `vacuum_due` says so, written with what gave cause for it, until a vacuum has cleaned the file.
///
/// @spec https://www.sqlite.org/wal.html SQLite: Write-Ahead Logging
final class Database implements Journal {
    private static final Logger LOG = Logger.getLogger(Database.class);
    private static final int FORMAT = 1;
    private static final List<String> SETTINGS = List.of(
            "PRAGMA locking_mode=EXCLUSIVE",
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA cache_size=-512",
            "PRAGMA secure_delete=ON",
            "PRAGMA journal_size_limit=4194304");
    private static final String SCHEMA = """
            CREATE TABLE IF NOT EXISTS objects (
              api_group TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
              json BLOB NOT NULL,
              PRIMARY KEY (api_group, plural, namespace, name)) WITHOUT ROWID""";

    private static final String DUE = "CREATE TABLE IF NOT EXISTS vacuum_due (since TEXT NOT NULL)";
    private static final String MARK = "INSERT INTO vacuum_due VALUES (datetime())";

    /// @spec https://www.sqlite.org/rescode.html SQLite: Result and Error Codes
    private static final Set<Integer> DAMAGED = Set.of(11, 26);

    private final Connection connection;
    private final Path file;
    private final Sealing sealing;
    private Statements statements;

    private Database(Connection connection, Path file, Sealing sealing) throws SQLException {
        this.connection = connection;
        this.file = file;
        this.sealing = sealing;
        this.statements = Statements.prepare(connection);
    }

    /// What a commit consists of. The driver closes a statement that has failed, so they are made anew after a
    /// failure.
    private record Statements(
            PreparedStatement begin,
            PreparedStatement put,
            PreparedStatement remove,
            PreparedStatement count,
            PreparedStatement end) {
        static Statements prepare(Connection connection) throws SQLException {
            return new Statements(
                    connection.prepareStatement("BEGIN IMMEDIATE"),
                    connection.prepareStatement("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)"),
                    connection.prepareStatement(
                            "DELETE FROM objects WHERE api_group=? AND plural=? AND namespace=? AND name=?"),
                    connection.prepareStatement("UPDATE counter SET version=?"),
                    connection.prepareStatement("COMMIT"));
        }

        void close() throws SQLException {
            for (PreparedStatement each : List.of(begin, put, remove, count, end)) {
                each.close();
            }
        }
    }

    /// Opens or makes the file; refuses one that a later Slipway has written.
    static Database open(Path file, Sealing sealing) throws IOException {
        requireNotEmptied(file, sealing);
        try {
            Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
            try {
                return opened(connection, file, sealing);
            } catch (SQLException | IOException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw unreadable("open", file, file, e);
        }
    }

    /// SQLite takes an empty file for a database that is to begin, and throws away the log beside it. But neither the
    /// log nor the key is made before the file has its first page.
    private static void requireNotEmptied(Path file, Sealing sealing) throws IOException {
        boolean isThere = Files.exists(file);
        if (isThere && Files.size(file) > 0) {
            return;
        }
        boolean isLogged = Files.exists(file.resolveSibling(file.getFileName() + "-wal"));
        if (isLogged || isThere && sealing.hasKeys()) {
            throw new IOException("open object store %s: it is %s, and has held objects%s"
                    .formatted(file, isThere ? "empty" : "missing", wayOut(file)));
        }
    }

    private static Database opened(Connection connection, Path file, Sealing sealing) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            for (String setting : SETTINGS) {
                statement.execute(setting);
            }
            upgrade(statement, file);
        }
        return new Database(connection, file, sealing);
    }

    private static void upgrade(Statement statement, Path file) throws SQLException, IOException {
        int format;
        try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            format = row.getInt(1);
        }
        if (format > FORMAT) {
            throw new IOException("open object store %s: format %d is newer than this Slipway".formatted(file, format));
        }
        statement.execute("BEGIN IMMEDIATE");
        if (isTable(statement, "objects") && !isTable(statement, "vacuum_due")) {
            // It was written when removed Secrets still stayed in free pages.
            statement.execute(DUE);
            statement.execute(MARK);
        }
        statement.execute(DUE);
        statement.execute(SCHEMA);
        statement.execute("CREATE TABLE IF NOT EXISTS counter (version INTEGER NOT NULL)");
        statement.execute("INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter)");
        statement.execute("PRAGMA user_version=" + FORMAT);
        statement.execute("COMMIT");
    }

    private static boolean isTable(Statement statement, String name) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("SELECT 1 FROM sqlite_schema WHERE type='table' AND name='" + name + "'")) {
            return row.next();
        }
    }

    long lastVersion() throws IOException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT version FROM counter")) {
            return row.getLong(1);
        } catch (SQLException e) {
            throw unreadable("read", Path.of("counter"), file, e);
        }
    }

    /// All objects. What is not encrypted as it should be is written anew, and nothing of it stays in the file.
    List<Map.Entry<ObjectKey, Stored>> readAll() throws IOException {
        List<Map.Entry<ObjectKey, Stored>> stale = new ArrayList<>();
        List<Map.Entry<ObjectKey, Stored>> found = readAll(stale);
        if (!stale.isEmpty()) {
            reseal(stale);
        }
        vacuumIfDue();
        return found;
    }

    /// @param stale gets those whose bytes are to be written anew
    private List<Map.Entry<ObjectKey, Stored>> readAll(List<Map.Entry<ObjectKey, Stored>> stale) throws IOException {
        List<Map.Entry<ObjectKey, Stored>> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM objects")) {
            while (row.next()) {
                GroupResource resource = new GroupResource(row.getString(1), row.getString(2));
                ObjectKey key = new ObjectKey(resource, row.getString(3), row.getString(4));
                byte[] bytes = row.getBytes(5);
                found.add(Map.entry(key, stored(key, bytes)));
                if (sealing.isStale(key, bytes)) {
                    stale.add(found.getLast());
                }
            }
            return found;
        } catch (SQLException e) {
            throw unreadable("read", Path.of("objects"), file, e);
        }
    }

    private void reseal(List<Map.Entry<ObjectKey, Stored>> stale) throws IOException {
        try {
            statements.begin().execute();
            for (Map.Entry<ObjectKey, Stored> each : stale) {
                put(each.getKey(), each.getValue());
            }
            mark();
            statements.end().execute();
        } catch (SQLException | IOException e) {
            throw rolledBack(e);
        }
        LOG.infof("secrets encrypted anew count=%d", stale.size());
    }

    private void mark() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(MARK);
        }
    }

    /// What cannot be cleaned now, for instance on a full disk, is cleaned when the file is opened the next time.
    private void vacuumIfDue() {
        try {
            if (isVacuumDue()) {
                // What is prepared counts as in progress.
                statements.close();
                try {
                    vacuum();
                } finally {
                    statements = Statements.prepare(connection);
                }
            }
        } catch (SQLException e) {
            LOG.warnf("free pages of the object store not cleaned, secrets may be in them: %s", e.getMessage());
        }
    }

    private boolean isVacuumDue() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM vacuum_due")) {
            return row.next();
        }
    }

    private void vacuum() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("VACUUM");
            checkpoint(statement);
            statement.execute("DELETE FROM vacuum_due");
            LOG.info("free pages of the object store cleaned");
        }
    }

    /// Puts all of the log into the file, and empties it.
    private static void checkpoint(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            if (row.getInt(1) != 0) {
                throw new SQLException("the write-ahead log is in use");
            }
        }
    }

    private Stored stored(ObjectKey key, byte[] bytes) throws IOException {
        try {
            return Stored.read(sealing.unseal(key, bytes));
        } catch (IOException e) {
            throw new IOException("read object store: " + key + " is damaged: " + e.getMessage() + wayOut(file), e);
        }
    }

    @Override
    public void commit(List<Change> changes) throws IOException {
        try {
            statements.begin().execute();
            for (Change change : changes) {
                write(change);
            }
            if (changes.isEmpty()) {
                touch();
            } else {
                statements.count().setLong(1, changes.getLast().version());
                statements.count().executeUpdate();
            }
            statements.end().execute();
        } catch (SQLException | IOException e) {
            throw rolledBack(e);
        }
    }

    /// Writes a page as it is. SQLite leaves out a row that an update does not change.
    private void touch() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version=" + FORMAT);
        }
    }

    private void write(Change change) throws SQLException, IOException {
        if (change.deleted()) {
            name(statements.remove(), change.key());
            statements.remove().executeUpdate();
        } else {
            put(change.key(), change.after());
        }
    }

    private void put(ObjectKey key, Stored stored) throws SQLException, IOException {
        name(statements.put(), key);
        statements.put().setBytes(5, sealing.seal(key, stored.json()));
        statements.put().executeUpdate();
    }

    private static void name(PreparedStatement statement, ObjectKey key) throws SQLException {
        statement.setString(1, key.resource().group());
        statement.setString(2, key.resource().plural());
        statement.setString(3, key.namespace());
        statement.setString(4, key.name());
    }

    /// Transactions are begun and ended here, not by the driver: when the disk is full SQLite rolls back by itself,
    /// and a driver that still believed in its transaction would write what follows without one.
    private IOException rolledBack(Exception cause) {
        try (Statement undo = connection.createStatement()) {
            undo.execute("ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
        try {
            statements.close();
            statements = Statements.prepare(connection);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
        return failure("write", Path.of("objects"), cause);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure("close", Path.of("objects"), e);
        }
    }

    private static IOException unreadable(String verb, Path subject, Path file, SQLException cause) {
        IOException failure = failure(verb, subject, cause);
        return DAMAGED.contains(cause.getErrorCode() & 0xff)
                ? new IOException(failure.getMessage() + wayOut(file), cause)
                : failure;
    }

    /// For whoever has no engine because of it.
    private static String wayOut(Path file) {
        return ("; nothing was changed: put a copy of %1$s back, or move it away to begin without objects, which ends"
                        + " all containers and keeps the data of volumes")
                .formatted(file.getParent());
    }

    private static IOException failure(String verb, Path subject, Exception cause) {
        return new IOException("%s object store %s: %s".formatted(verb, subject, cause.getMessage()), cause);
    }
}
