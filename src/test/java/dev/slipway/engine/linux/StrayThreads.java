package dev.slipway.engine.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Looks after each class of tests whether a carrier of virtual threads was born in a namespace that is not this
/// process's own: whatever ran on it later would see another network or other mounts.
public final class StrayThreads implements AfterAllCallback {
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final List<String> NAMESPACES = List.of("ns/net", "ns/mnt", "ns/ipc");
    private static final String CARRIER = "ForkJoinPool";
    /// So that a class is not blamed for those before it.
    private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        Set<String> strays = find();
        strays.removeIf(each -> !each.contains(CARRIER) || !KNOWN.add(each));
        if (!strays.isEmpty()) {
            throw new AssertionError("threads were started or woken inside a namespace: " + strays);
        }
    }

    /// The threads of this process, by number and name, that are in another namespace than its first one.
    static Set<String> find() throws IOException {
        Set<String> strays = new TreeSet<>();
        try (Stream<Path> threads = Files.list(THREADS)) {
            threads.filter(StrayThreads::isAstray).forEach(each -> strays.add(each.getFileName() + " " + name(each)));
        }
        return strays;
    }

    private static boolean isAstray(Path thread) {
        return NAMESPACES.stream().anyMatch(each -> !namespace(thread.resolve(each))
                .equals(namespace(Path.of("/proc/self").resolve(each))));
    }

    private static Path namespace(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (NoSuchFileException e) {
            // The thread has ended meanwhile.
            return namespace(Path.of("/proc/self/ns").resolve(link.getFileName()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (IOException e) {
            return "(has ended)";
        }
    }
}
