package dev.slipway.engine.linux;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jnr.ffi.Pointer;

/// What this process is to the kernel: a user of a terminal, and of the pages of files that it maps.
public final class OwnProcess {
    private static final long TIOCGWINSZ = 0x5413;
    private static final Path SMAPS = Path.of("/proc/self/smaps");
    private static final Pattern MAPPING = Pattern.compile("[0-9a-f]+-[0-9a-f]+ .*");
    private static final Pattern READ_ONLY =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[-x][ps] [0-9a-f]+ \\S+ [1-9][0-9]* +(.+)");
    private static final int DONTNEED = 4;

    private OwnProcess() {}

    /// The size of a terminal's window, in characters.
    public record Window(int rows, int columns) {}

    /// Empty when the descriptor is no terminal, or one that does not know its size.
    ///
    /// @param descriptor an open descriptor of this process, for instance 1
    /// @spec https://man7.org/linux/man-pages/man2/TIOCGWINSZ.2const.html TIOCGWINSZ(2const)
    public static Optional<Window> window(int descriptor) {
        Pointer winsize = Syscalls.buffer(8);
        long result = Syscalls.tryCall(SyscallNumber.IOCTL, descriptor, TIOCGWINSZ, winsize.address());
        int rows = winsize.getShort(0) & 0xffff;
        int columns = winsize.getShort(2) & 0xffff;
        Reference.reachabilityFence(winsize);
        return result < 0 || columns == 0 ? Optional.empty() : Optional.of(new Window(rows, columns));
    }

    /// Lets go of the pages of the first file whose name ends in `suffix`, where it is mapped only to be read or
    /// executed. They stay in the kernel's cache as long as it has room, and come back when they are touched. What
    /// has ever been written to is no longer the file's and stays.
    ///
    /// @param suffix of a file that nobody maps or unmaps meanwhile
    /// @return bytes that were mapped; empty if there is no such file
    /// @spec https://man7.org/linux/man-pages/man2/madvise.2.html madvise(2)
    /// @spec https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html proc_pid_smaps(5)
    public static OptionalLong letGoOfFile(String suffix) throws IOException {
        OptionalLong bytes = OptionalLong.empty();
        boolean isReached = false;
        // The kernel counts the pages of a mapping when its lines are read, so no more are read than needed.
        try (BufferedReader smaps = Files.newBufferedReader(SMAPS)) {
            for (String line = smaps.readLine(); line != null; line = smaps.readLine()) {
                if (line.endsWith(suffix)) {
                    isReached = true;
                    Matcher mapping = READ_ONLY.matcher(line);
                    if (mapping.matches()) {
                        bytes = OptionalLong.of(bytes.orElse(0) + letGo(mapping, smaps));
                    }
                } else if (isReached && MAPPING.matcher(line).matches()) {
                    return bytes;
                }
            }
        }
        return bytes;
    }

    private static long letGo(Matcher mapping, BufferedReader smaps) throws IOException {
        long resident = value(smaps, "Rss:");
        // In this order, as the kernel writes them. What was written to may be in swap.
        if (value(smaps, "Anonymous:") + value(smaps, "Swap:") > 0) {
            return 0;
        }
        long from = Long.parseLong(mapping.group(1), 16);
        long size = Long.parseLong(mapping.group(2), 16) - from;
        Syscalls.call(SyscallNumber.MADVISE, mapping.group(3), from, size, DONTNEED);
        return resident;
    }

    /// The next value of that name, in bytes.
    private static long value(BufferedReader smaps, String name) throws IOException {
        for (String line = smaps.readLine(); line != null; line = smaps.readLine()) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException(SMAPS + " has no " + name);
    }
}
