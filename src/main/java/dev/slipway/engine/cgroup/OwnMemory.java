package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whether the memory of this process is limited on version 1, where whatever it starts is in the same cgroup unless it
/// is put into another. On version 2 all that it starts is.
///
/// @param hierarchies of this host
/// @param membership the file that says which cgroups this process is in
/// @spec https://man7.org/linux/man-pages/man7/cgroups.7.html cgroups(7)
record OwnMemory(Hierarchies hierarchies, Path membership) {
    /// The kernel says the last address of its last page for no limit.
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    /// Somebody may limit it at any time.
    boolean isLimited() throws IOException {
        Optional<Hierarchies.Home> home = hierarchies.home(Controller.MEMORY).filter(each -> !each.unified());
        if (home.isEmpty()) {
            return false;
        }
        Path root = home.get().root();
        Path directory = root;
        for (Path name : Path.of(path())) {
            directory = directory.resolve(name);
            if (isLimited(directory.resolve("memory.limit_in_bytes"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLimited(Path file) throws IOException {
        return Files.exists(file) && ControlFile.number(file).orElse(NO_LIMIT) < NO_LIMIT;
    }

    /// Below the root of the hierarchy: lines read `4:memory:/system.slice/slipway.service`.
    private String path() throws IOException {
        for (String line : Files.readAllLines(membership)) {
            String[] words = line.split(":", 3);
            if (words.length == 3 && List.of(words[1].split(",")).contains(Controller.MEMORY.word())) {
                return words[2];
            }
        }
        return "/";
    }
}
