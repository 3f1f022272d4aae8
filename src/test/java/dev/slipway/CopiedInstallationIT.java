package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is installed is a directory that people copy.
class CopiedInstallationIT {
    @Test
    void a_start_up_cache_that_does_not_fit_the_copy_is_not_told_of(@TempDir Path folder) {
        Path installed = EngineProcess.SLIPWAY.getParent().getParent();
        Path copy = folder.resolve("slipway");

        Command.run("cp", "-r", "--no-preserve=timestamps", installed.toString(), copy.toString());

        assertTrue(Files.exists(copy.resolve("lib/cli.aot")), "there is no cache");
        assertEquals(
                Command.run(EngineProcess.SLIPWAY.toString(), "--version"),
                Command.run(copy.resolve("bin/slipway").toString(), "--version"));
    }
}
