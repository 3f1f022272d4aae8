package dev.slipway.engine.tree;

import java.util.Arrays;
import java.util.List;

/// Paths inside a tree as text: no slash at the ends, no `.` or `..`; empty for the root. So a directory sorts before
/// what it holds.
public final class ImagePath {
    private ImagePath() {}

    /// The names on the way, `..` among them.
    public static List<String> names(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    public static String join(String directory, String name) {
        return directory.isEmpty() ? name : directory + "/" + name;
    }

    /// The directory that holds `path`; that of the root is the root.
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /// The directory that is on the way to both, from the root on and as far as no `..` is in it.
    public static String shared(String path, String other) {
        List<String> names = names(path);
        List<String> others = names(other);
        int count = 0;
        while (count < Math.min(names.size(), others.size())
                && names.get(count).equals(others.get(count))
                && !names.get(count).equals("..")) {
            count++;
        }
        return String.join("/", names.subList(0, count));
    }

    public static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
