package dev.slipway.app;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.app.settings.Configured;
import dev.slipway.app.settings.EngineSettings;
import dev.slipway.disk.DirectoryInUseException;
import dev.slipway.disk.DirectoryLock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An engine whose data are elsewhere knows nothing of the containers of the one that runs in the same run directory.
class RunDirectoryTest {
    @TempDir
    private Path folder = Path.of("");

    private Path run = Path.of("");
    private Path container = Path.of("");

    @BeforeEach
    void a_container_of_another_engine() throws IOException {
        run = Files.createDirectories(folder.resolve("run"));
        Files.createDirectories(folder.resolve("root"));
        container = Files.createDirectories(run.resolve("containers/of-another"));
    }

    @Test
    void an_engine_does_not_start_in_the_run_directory_of_another() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (DirectoryLock _ = DirectoryLock.take(run);
                Engine engine = new Engine(settings())) {
            DirectoryInUseException refused = assertThrows(DirectoryInUseException.class, () -> engine.start(vertx));

            assertTrue(refused.getMessage().startsWith("lock " + run + ": in use by process "), refused.getMessage());
            assertTrue(Files.exists(container), "the container is still there");
        } finally {
            vertx.close();
        }
    }

    @Test
    void the_run_directory_of_a_running_engine_is_not_dismantled_with_the_data_of_another() throws IOException {
        try (DirectoryLock _ = DirectoryLock.take(run)) {
            assertThrows(DirectoryInUseException.class, () -> new Dismantling(settings()).run());
        }

        assertTrue(Files.exists(container), "the container is still there");
    }

    private EngineSettings settings() {
        Map<String, String> values = Map.of(
                "slipway.root", folder.resolve("root").toString(),
                "slipway.run", run.toString(),
                "slipway.listen", "off");
        return EngineSettings.of(new Configured(key -> Optional.ofNullable(values.get(key)), key -> key));
    }
}
