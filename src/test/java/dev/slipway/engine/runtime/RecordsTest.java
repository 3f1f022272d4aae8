package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final Map<String, Digest> MOUNTED = Map.of("/model", Digest.sha256(new byte[] {1}));
    private static final Instant NOW = Instant.parse("2026-01-31T10:00:00.123456789Z");

    @TempDir
    private Path home;

    private RuntimeFiles files;
    private Records records;

    @BeforeEach
    void open() throws IOException {
        files = new RuntimeFiles(home.resolve("root"), home.resolve("run"), LogSettings.Rotation.STANDARD);
        Files.createDirectories(files.pod(POD));
        records = new Records(files, "boot-1");
    }

    @Test
    void a_sandbox_is_read_as_it_was_written() throws IOException {
        SandboxRecord record = new SandboxRecord(
                POD,
                "default",
                "web",
                "web-host",
                "10.88.0.2",
                Optional.of(Path.of("/run/netns")),
                Optional.empty(),
                Optional.of(new UserNamespace(Path.of("/run/user"), 1 << 30, 1 << 17)),
                true,
                Optional.of(Path.of("/run/pid")),
                Optional.of(Path.of("/dev/shm")),
                Map.of("net.core.somaxconn", "7"),
                Map.of(
                        "config", new SandboxRecord.Source(Path.of("/run/config"), Mount.Kind.DIRECTORY, true),
                        "device", new SandboxRecord.Source(Path.of("/dev/fuse"), Mount.Kind.DEVICE, false),
                        "socket", new SandboxRecord.Source(Path.of("/run/x.sock"), Mount.Kind.FILE, false)));

        records.write(record);

        assertEquals(Optional.of(record), records.sandbox(POD));
        records.forget(POD);
        assertEquals(Optional.empty(), records.sandbox(POD));
    }

    @Test
    void an_attempt_is_read_as_it_was_written() throws IOException {
        Run run = run();
        for (ContainerState state : new ContainerState[] {
            new ContainerState.Created(),
            new ContainerState.Exited(137, 9, true, NOW, NOW.plusSeconds(3)),
            new ContainerState.Lost(NOW)
        }) {
            records.write(run, Optional.of(state));

            Run read = records.attempt(WEB, 3).orElseThrow();
            assertEquals(Optional.of(state), read.state());
            assertEquals(run.id(), read.id());
            assertEquals(run.image(), read.image());
            assertEquals(MOUNTED, read.mounted());
            assertEquals("fingerprint", read.fingerprint());
        }
        records.write(run, Optional.empty());
        assertEquals(Optional.empty(), records.attempt(WEB, 3).orElseThrow().state());
    }

    @Test
    void a_record_of_another_boot_is_none() throws IOException {
        records.write(run(), Optional.empty());

        Records later = new Records(files, "boot-2");

        assertEquals(Optional.empty(), later.attempt(WEB, 3).map(Run::id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"boot\":\"boot-1\"}", "{\"boot\":\"boot-1\",\"id\":\"../x\"}"})
    void what_is_no_record_is_named(String content) throws IOException {
        Files.writeString(files.attempt(WEB, 3), content);

        IOException e = assertThrows(IOException.class, () -> records.attempt(WEB, 3));

        assertTrue(e.getMessage().contains("web.3.json"), e.getMessage());
    }

    @Test
    void files_of_attempts_are_told_by_their_names() {
        assertEquals(Optional.of(new RuntimeFiles.AttemptFile(WEB, 3)), RuntimeFiles.attemptOf(POD, "web.3.json"));
        assertEquals(Optional.empty(), RuntimeFiles.attemptOf(POD, "sandbox.json"));
        assertEquals(Optional.empty(), RuntimeFiles.attemptOf(POD, "web.3.json.tmp"));
    }

    private static Run run() {
        return new Run(WEB, 3, new ContainerId("0123abcd"), Digest.sha256(new byte[0]), MOUNTED, "fingerprint");
    }
}
