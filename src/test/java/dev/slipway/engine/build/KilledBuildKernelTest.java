package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An engine is killed while a program of a build runs; the next one finds the pod that nobody declares, and removes
/// all of it.
class KilledBuildKernelTest {
    private Path home;
    private Path rig;

    @BeforeEach
    void make() throws IOException {
        home = Files.createTempDirectory("slwrun");
        rig = Files.createTempDirectory("slwrig");
    }

    @AfterEach
    void remove() throws IOException {
        if (Files.exists(home)) {
            RuntimeLab.open(home).close();
        }
        TreeRemoval.remove(rig);
    }

    @Test
    void what_a_killed_build_left_is_removed_at_the_next_start() throws Exception {
        buildAndKill();

        try (RuntimeLab lab = RuntimeLab.open(home)) {
            lab.runtime().retain(Set.of());

            assertEquals(List.of(), lab.runtime().list());
            assertEquals(Set.of(), lab.cgroups().pods());
            assertEquals(Set.of(), lab.snapshots().writables());
            RuntimeLab.await(() -> isEmpty(lab.root().resolve("snapshots/staging")));
            BuilderRig next = new BuilderRig(rig, lab.runtime(), lab.snapshots());
            assertFalse(next.images
                    .find(BuilderRig.request(null, "endless").names().iterator().next())
                    .isPresent());
            next.close();
        }
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void buildAndKill() throws Exception {
        Process engine = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BuilderToKill.class.getName(),
                        home.toString(),
                        rig.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = engine.inputReader()) {
            assertEquals(
                    "ready", said.lines().filter("ready"::equals).findFirst().orElse("it ended"));
        } finally {
            engine.destroyForcibly().waitFor();
        }
    }
}
