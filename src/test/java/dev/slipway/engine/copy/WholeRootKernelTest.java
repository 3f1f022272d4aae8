package dev.slipway.engine.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeRootKernelTest {
    @TempDir
    private Path folder;

    @Test
    void what_the_kernel_shows_is_left_out_under_any_name() throws Exception {
        for (String file : List.of("proc/version", "sys/power", "dev/null", "etc/proc/conf")) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), "content");
        }

        assertEquals(List.of("etc/", "etc/proc/", "etc/proc/conf"), names(take("")));
        assertEquals(List.of("copy/", "copy/etc/", "copy/etc/proc/", "copy/etc/proc/conf"), names(take("copy")));
    }

    private byte[] take(String as) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ContainerRoot root = new ContainerRoot(new At().openHost(folder), Optional.empty());
                OutgoingCopy copy = OutgoingCopy.of(root, "/", as)) {
            copy.writeTo(archive);
        }
        return archive.toByteArray();
    }

    private static List<String> names(byte[] archive) throws IOException {
        Process tar = new ProcessBuilder("tar", "-t").start();
        try (OutputStream to = tar.getOutputStream()) {
            to.write(archive);
        }
        return new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .sorted()
                .toList();
    }
}
