package dev.slipway.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineApplicationTest {
    private static final PrintStream ERROR = System.err;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_wrong_setting_is_one_line_for_people() {
        assertRefused(
                "slipway: slipway.listen is not HOST:PORT or off: 7443", Map.of("slipway.listen", "7443"), Map.of());
    }

    @Test
    void a_wrong_setting_has_the_name_that_its_writer_used() {
        assertRefused(
                "slipway: SLIPWAY_LISTEN is not HOST:PORT or off: 7443", Map.of(), Map.of("SLIPWAY_LISTEN", "7443"));
        assertRefused(
                "slipway: --listen is not HOST:PORT or off: 7443",
                Map.of("slipway.listen", "7443"),
                Map.of(),
                "serve",
                "--listen",
                "7443");
        assertRefused(
                "slipway: SLIPWAY_LOG_MAX_FILES is not a number: many",
                Map.of(),
                Map.of("SLIPWAY_LOG_MAX_FILES", "many"));
    }

    @Test
    void a_misspelled_setting_is_refused_with_the_one_that_was_meant() {
        assertRefused(
                "slipway: SLIPWAY_RROT is no setting; did you mean SLIPWAY_ROOT?",
                Map.of(),
                Map.of("SLIPWAY_RROT", "/data", "SLIPWAY_RUN", "/proc/none"));
        assertRefused(
                "slipway: slipway.rrot is no setting; did you mean slipway.root?",
                Map.of("slipway.rrot", "/data"),
                Map.of());
        assertRefused(
                "slipway: SLIPWAY_IMAGE_MAXIMUM_GCAGE is no setting; did you mean SLIPWAY_IMAGE_MAXIMUM_GC_AGE?",
                Map.of(),
                Map.of("SLIPWAY_IMAGE_MAXIMUM_GCAGE", "1h"));
    }

    @Test
    void what_is_like_no_setting_is_said_to_be_without_effect() {
        assertRefused(
                """
                slipway: warning: no settings of this engine, and without effect: SLIPWAY_PORT, SLIPWAY_SERVICE_HOST
                slipway: slipway.listen is not HOST:PORT or off: 7443""",
                Map.of("slipway.listen", "7443"),
                Map.of(
                        "SLIPWAY_PORT", "tcp://10.0.0.1:7443",
                        "SLIPWAY_SERVICE_HOST", "10.0.0.1",
                        "SLIPWAY_JVM_ARGS", "-Dx=y",
                        "SLIPWAY_RUN", "/run/x",
                        "OTHER_RROT", "/"));
    }

    @Test
    void a_directory_that_cannot_be_made_is_named_with_the_cause() throws IOException {
        assertRefused(
                "slipway: make the data directory /proc/x: its file system takes none",
                Map.of(),
                Map.of("SLIPWAY_ROOT", "/proc/x"));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertRefused(
                "slipway: make the run directory %s: %s is a file".formatted(file, file),
                Map.of(),
                Map.of("SLIPWAY_RUN", file.toString(), "SLIPWAY_ROOT", folder.toString()));
        assertRefused(
                "slipway: make the run directory %s/run: not a directory".formatted(file),
                Map.of(),
                Map.of("SLIPWAY_RUN", file + "/run", "SLIPWAY_ROOT", folder.toString()));
    }

    private static void assertRefused(
            String message, Map<String, String> properties, Map<String, String> variables, String... words) {
        Config config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(properties, "typed", 400), new EnvConfigSource(variables, 300))
                .build();
        Vertx vertx = Vertx.vertx();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = new EngineApplication(vertx, config).run(words);
        } finally {
            System.setErr(ERROR);
            vertx.close();
        }

        assertEquals(1, code);
        assertEquals(message + "\n", said.toString(StandardCharsets.UTF_8));
    }
}
