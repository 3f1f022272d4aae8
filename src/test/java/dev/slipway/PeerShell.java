package dev.slipway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/// A shell in a mount namespace of its own that runs one script after the other, so that the start of a shell is in no
/// figure. For one thread.
final class PeerShell implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private final Path complaints;

    private PeerShell(Process process, Path complaints) {
        this.process = process;
        this.in = process.outputWriter();
        this.out = process.inputReader();
        this.complaints = complaints;
    }

    /// @param home where complaints and the settings of podman lie
    static PeerShell open(Path home) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("unshare", "-m", "sh").redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CONTAINERS_CONF", home + "/containers.conf");
        PeerShell shell = new PeerShell(builder.start(), home.resolve("complaints"));
        shell.in.write(PodmanHost.HIDE_UNIFIED);
        return shell;
    }

    /// Fails the test if the script fails.
    void run(String script) {
        try {
            in.write("(\n" + script + "\n) </dev/null >/dev/null 2>" + complaints + "\necho $?\n");
            in.flush();
            String code = out.readLine();
            if (!"0".equals(code)) {
                throw new AssertionError(script + " ended with " + code + ": " + Files.readString(complaints));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
        process.onExit().join();
    }
}
