package dev.slipway.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void without_words_the_engine_serves() {
        Arguments arguments = Arguments.parse(List.of());

        assertEquals(Arguments.Verb.SERVE, arguments.verb());
        assertEquals(Map.of(), arguments.properties());
    }

    @Test
    void options_become_configuration() {
        Arguments arguments = Arguments.parse(
                List.of("serve", "--root", "/a", "--run", "/b", "--listen", "off", "--manifests", folder.toString()));

        assertEquals(
                Map.of(
                        "slipway.root", "/a",
                        "slipway.run", "/b",
                        "slipway.listen", "off",
                        "slipway.manifests", folder.toString()),
                arguments.properties());
    }

    @Test
    void up_has_as_long_as_it_is_given() {
        Arguments arguments = Arguments.parse(List.of("up", folder.toString(), "--timeout", "90s"));

        assertEquals(Duration.ofSeconds(90), arguments.limit());
    }

    @Test
    void up_takes_one_directory_and_may_leave() {
        Arguments arguments = Arguments.parse(List.of("up", folder.toString(), "--exit"));

        assertEquals(Arguments.Verb.UP, arguments.verb());
        assertTrue(arguments.exit());
        assertEquals(Duration.ofMinutes(5), arguments.limit());
        assertEquals(folder.toString(), arguments.properties().get("slipway.manifests"));
    }

    @Test
    void wrong_words_are_refused_with_a_reason() {
        refused("up needs a directory of manifests", "up");
        refused("no such directory: " + folder + "/no", "up", folder + "/no");
        refused("unknown verb: sevre", "sevre");
        refused("--root needs a value", "serve", "--root");
        refused("unexpected argument: --manifest", "serve", "--manifest");
    }

    @Test
    void a_file_in_place_of_a_directory_is_called_a_file() throws IOException {
        String file = Files.writeString(folder.resolve("pod.yaml"), "").toString();

        refused("a directory is watched, not a file (`slipway apply -f` takes one): " + file, "up", file);
        refused(
                "a directory is watched, not a file (`slipway apply -f` takes one): " + file,
                "serve",
                "--manifests",
                file);
    }

    private static void refused(String message, String... words) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> Arguments.parse(List.of(words)))
                        .getMessage());
    }
}
