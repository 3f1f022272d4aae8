package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Namespaces of the kernel that an engine keeps alive, by a process or by a descriptor; those that are mounted are
/// counted among the mounts.
public final class NamespaceCount {
    private static final Path PROCESSES = Path.of("/proc");
    private static final List<String> KINDS = List.of("net", "ipc", "user", "mnt");
    private static final Pattern NAMESPACE = Pattern.compile("(net|ipc|user|mnt):\\[\\d+]");

    private NamespaceCount() {}

    /// @param engine its process
    /// @param shim what the first argument of its shims begins with
    /// @param cgroups the name of the cgroup that holds those of its containers
    /// @return how many there are that the caller is not in itself
    public static int of(long engine, String shim, String cgroups) {
        try {
            Set<String> all = new HashSet<>();
            for (Path process : entries(PROCESSES, "[0-9]*")) {
                if (text(process.resolve("cmdline")).startsWith(shim)
                        || text(process.resolve("cgroup")).contains("/" + cgroups)) {
                    KINDS.forEach(kind -> all.add(target(process.resolve("ns").resolve(kind))));
                }
            }
            for (Path descriptor :
                    entries(PROCESSES.resolve(Long.toString(engine)).resolve("fd"), "*")) {
                all.add(target(descriptor));
            }
            KINDS.forEach(kind -> all.remove(target(PROCESSES.resolve("self/ns").resolve(kind))));
            all.removeIf(each -> !NAMESPACE.matcher(each).matches());
            return all.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> entries(Path folder, String pattern) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, pattern)) {
            all.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }

    /// Empty when it has ended a moment ago.
    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /// Empty when it has ended a moment ago.
    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
