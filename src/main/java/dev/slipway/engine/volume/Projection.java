package dev.slipway.engine.volume;

import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One directory of projected files, laid out as Kubernetes does, so that all files change at the same moment:
///
/// ```
/// greeting -> ..data/greeting        what readers open; stays the same as long as the name exists
/// ..data   -> ..4f1c09a2             replaced by rename: the moment
/// ..4f1c09a2/greeting                one generation, never changed
/// ```
///
/// With a group, a generation belongs to it and can be read by it before it is anybody's to open.
///
/// A generation is removed when the next one has taken its place; who has a file of it open keeps that file.
record Projection(Path directory, OptionalInt group) {
    private static final String CURRENT = "..data";
    private static final String NEXT = "..data_tmp";
    private static final String RESERVED = "..";
    private static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    /// Makes the directory hold `files` and nothing else.
    ///
    /// @param files by their relative path
    /// @param generation a name part that no other generation of this directory has
    /// @throws IllegalArgumentException when a path leaves the directory or begins with `..`
    void write(Map<String, ProjectedFile> files, String generation) throws IOException {
        files.keySet().forEach(Projection::requireInside);
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, DIRECTORY_MODE);
        }
        if (!isCurrent(files)) {
            Path next = directory.resolve(RESERVED + generation);
            writeGeneration(next, files);
            if (group.isPresent()) {
                GroupOwnership.giveToRead(next, group.getAsInt());
            }
            replaceLink(NEXT, Path.of(RESERVED + generation));
            Files.move(directory.resolve(NEXT), directory.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
        }
        tidy(files.keySet().stream().map(Projection::firstName).collect(Collectors.toSet()));
    }

    private static void requireInside(String path) {
        List<String> names = Arrays.asList(path.split("/", -1));
        if (path.startsWith("/")
                || names.contains("")
                || names.contains(".")
                || names.getFirst().startsWith(RESERVED)
                || names.contains(RESERVED)
                || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("projected path is not a plain relative one: " + path);
        }
    }

    private boolean isCurrent(Map<String, ProjectedFile> files) throws IOException {
        Path current = directory.resolve(CURRENT);
        if (!Files.isDirectory(current)) {
            return false;
        }
        Path real = current.toRealPath();
        Set<String> there = new HashSet<>();
        try (Stream<Path> all = Files.walk(real)) {
            for (Path path : all.filter(each -> !Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                String name = real.relativize(path).toString();
                ProjectedFile wanted = files.get(name);
                if (wanted == null || !isSame(path, wanted)) {
                    return false;
                }
                there.add(name);
            }
        }
        return there.equals(files.keySet());
    }

    private boolean isSame(Path file, ProjectedFile wanted) throws IOException {
        int mode = group.isPresent() ? wanted.mode() | GroupOwnership.READ : wanted.mode();
        return Files.size(file) == wanted.content().length
                && ((int) Files.getAttribute(file, "unix:mode") & 0777) == mode
                && Arrays.equals(Files.readAllBytes(file), wanted.content());
    }

    private static void writeGeneration(Path generation, Map<String, ProjectedFile> files) throws IOException {
        TreeRemoval.remove(generation);
        makeDirectory(generation);
        for (Map.Entry<String, ProjectedFile> entry : files.entrySet()) {
            Path file = generation;
            String[] names = entry.getKey().split("/");
            for (String name : List.of(names).subList(0, names.length - 1)) {
                file = file.resolve(name);
                makeDirectory(file);
            }
            file = file.resolve(names[names.length - 1]);
            Files.write(file, entry.getValue().content());
            Files.setPosixFilePermissions(file, permissions(entry.getValue().mode()));
        }
    }

    private static void makeDirectory(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectory(path);
            Files.setPosixFilePermissions(path, DIRECTORY_MODE);
        }
    }

    /// Gives each first name its link, and removes what is neither linked nor current.
    private void tidy(Set<String> names) throws IOException {
        for (String name : names) {
            Path link = directory.resolve(name);
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of(CURRENT, name));
            }
        }
        Path current = Files.readSymbolicLink(directory.resolve(CURRENT));
        List<Path> others = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(entry -> !names.contains(entry.getFileName().toString())
                            && !entry.getFileName().toString().equals(CURRENT)
                            && !entry.getFileName().equals(current))
                    .forEach(others::add);
        }
        for (Path other : others) {
            TreeRemoval.remove(other);
        }
    }

    private void replaceLink(String name, Path target) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
        Files.createSymbolicLink(directory.resolve(name), target);
    }

    private static String firstName(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        PosixFilePermission[] byBit = {
            PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ
        };
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < byBit.length; bit++) {
            if ((mode & 1 << bit) != 0) {
                permissions.add(byBit[bit]);
            }
        }
        return permissions;
    }
}
