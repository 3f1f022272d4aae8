package dev.slipway.engine.linux;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One mount as the kernel lists it for this process.
///
/// @param root what of the file system is mounted, `/` for all of it
/// @param point where it is mounted
/// @param type of the file system, for instance `tmpfs`
/// @param isShared whether mounts below it appear at other places, too, and those made there below it
/// @param isSlave whether mounts that are made at another place appear below it
/// @param options of the file system, not of the mount: for a version 1 cgroup hierarchy its controllers
/// @spec https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html proc_pid_mountinfo(5)
public record MountEntry(String root, Path point, boolean isShared, boolean isSlave, String type, Set<String> options) {
    private static final int ROOT = 3;
    private static final int POINT = 4;
    private static final int TYPE_AFTER_DASH = 1;
    private static final int OPTIONS_AFTER_DASH = 3;

    public MountEntry {
        options = Set.copyOf(options);
    }

    /// Reads one line of `/proc/<pid>/mountinfo`.
    ///
    /// @throws IllegalArgumentException when the line is not of that form
    public static MountEntry parse(String line) {
        List<String> fields = List.of(line.split(" "));
        // The number of fields before the dash varies.
        int dash = fields.subList(Math.min(POINT, fields.size()), fields.size()).indexOf("-") + POINT;
        if (dash < POINT || fields.size() <= dash + OPTIONS_AFTER_DASH) {
            throw new IllegalArgumentException("not a line of mountinfo: " + line);
        }
        List<String> propagation = fields.subList(POINT, dash);
        return new MountEntry(
                unescape(fields.get(ROOT)),
                Path.of(unescape(fields.get(POINT))),
                propagation.stream().anyMatch(field -> field.startsWith("shared:")),
                propagation.stream().anyMatch(field -> field.startsWith("master:")),
                fields.get(dash + TYPE_AFTER_DASH),
                new HashSet<>(
                        Arrays.asList(fields.get(dash + OPTIONS_AFTER_DASH).split(","))));
    }

    /// Blanks, tabs, newlines and backslashes in paths are written as `\` and three octal digits.
    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
