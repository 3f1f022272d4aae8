package dev.slipway.engine.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The bits that the kernel takes off the mode of what this process makes. umask(2) can only be read by being set,
/// and other threads make files meanwhile; proc(5) tells it without.
///
/// @spec https://man7.org/linux/man-pages/man5/proc_pid_status.5.html proc_pid_status(5)
final class ProcessMask {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String FIELD = "Umask:";
    private static final int OCTAL = 8;

    private ProcessMask() {}

    static int read() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(FIELD)) {
                return Integer.parseInt(line.substring(FIELD.length()).strip(), OCTAL);
            }
        }
        throw new IOException("read %s: it has no %s".formatted(STATUS, FIELD));
    }
}
