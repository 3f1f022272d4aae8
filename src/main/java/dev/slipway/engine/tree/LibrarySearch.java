package dev.slipway.engine.tree;

import dev.slipway.engine.elf.Elf;
import dev.slipway.engine.linux.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Finds the shared libraries of ELF files on the host as the loader of glibc would: by `DT_RPATH` and `DT_RUNPATH`,
/// in the directories of `/etc/ld.so.conf`, and in its own directories.
///
/// A library outside the loader's own directories is only found there with `/etc/ld.so.cache`, so that is needed then,
/// too.
///
/// @spec https://man7.org/linux/man-pages/man8/ld.so.8.html ld.so(8)
public final class LibrarySearch {
    private static final String CONFIGURATION = "etc/ld.so.conf";
    private static final String CACHE = "etc/ld.so.cache";
    private static final String OWN_OF_MUSL = "usr/local/lib";
    private static final int LARGEST_CONFIGURATION_BYTES = 1 << 20;

    private final SourceWalk walk;
    private final List<String> configured;

    public LibrarySearch(SourceWalk walk) throws IOException {
        this.walk = walk;
        Set<String> directories = new LinkedHashSet<>();
        read(CONFIGURATION, directories, new LinkedHashSet<>());
        this.configured = List.copyOf(directories);
    }

    /// @param paths where the loader looks for the libraries and for itself
    /// @param missing what is not on this host, as sentences
    public record Needs(Set<String> paths, List<String> missing) {}

    /// What the file and all that it needs need.
    public Needs needsOf(String binary) throws IOException {
        Needs needs = new Needs(new LinkedHashSet<>(), new ArrayList<>());
        follow(binary, List.of(), new LinkedHashSet<>(), needs);
        return needs;
    }

    /// @param inherited directories of the `DT_RPATH`s of those that led here
    private void follow(String path, List<String> inherited, Set<String> done, Needs needs) throws IOException {
        Optional<Elf> read = walk.look(path).flatMap(SourceWalk.Seen::elf);
        if (read.isEmpty() || !done.add(path)) {
            return;
        }
        Elf elf = read.get();
        if (!elf.interpreter().isEmpty()) {
            add(path, elf.interpreter(), walk.tryToFollow(elf.interpreter()).isPresent(), needs);
        }
        List<String> rpath = new ArrayList<>(elf.runpath().isEmpty() ? places(elf.rpath(), path) : List.of());
        rpath.addAll(inherited);
        for (String name : elf.needed()) {
            Optional<String> found = find(name, elf, path, rpath);
            add(path, found.orElse(name), found.isPresent(), needs);
            if (found.isPresent()) {
                follow(walk.follow(found.get()).end(), rpath, done, needs);
            }
        }
    }

    private void add(String binary, String path, boolean isThere, Needs needs) {
        if (isThere) {
            needs.paths().add(path);
            boolean own = ownDirectories().anyMatch(directory -> directory.equals(ImagePath.parent(path)));
            if (!own && configured.contains(ImagePath.parent(path))) {
                needs.paths().add(CACHE);
            }
        } else {
            needs.missing().add(walk.tree().absolute(binary) + " needs " + path + ", which this host does not have");
        }
    }

    private Optional<String> find(String name, Elf elf, String binary, List<String> rpath) throws IOException {
        if (name.contains("/")) {
            return fits(name, elf) ? Optional.of(name) : Optional.empty();
        }
        List<String> directories = new ArrayList<>();
        if (elf.runpath().isEmpty()) {
            directories.addAll(rpath);
        }
        directories.addAll(places(elf.runpath(), binary));
        directories.addAll(configured);
        ownDirectories().forEach(directories::add);
        directories.add(OWN_OF_MUSL);
        for (String directory : directories) {
            String path = ImagePath.join(directory, name);
            if (fits(path, elf)) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private boolean fits(String path, Elf binary) throws IOException {
        Optional<SourceWalk.Way> way = walk.tryToFollow(path);
        return way.isPresent()
                && walk.look(way.get().end())
                        .flatMap(SourceWalk.Seen::elf)
                        .filter(binary::fits)
                        .isPresent();
    }

    /// The directories that a search path of `binary` means.
    private static List<String> places(List<String> searchPath, String binary) {
        return searchPath.stream()
                .map(place -> place.replaceAll("\\$(?:ORIGIN|\\{ORIGIN\\})", "/" + ImagePath.parent(binary)))
                .flatMap(place -> place.contains("$")
                        ? Stream.of("lib64", "lib", "lib/" + triplet())
                                .map(lib -> place.replaceAll("\\$(?:LIB|\\{LIB\\})", lib))
                        : Stream.of(place))
                .map(LibrarySearch::normal)
                .toList();
    }

    /// A path without `.` and `..`, which the loader takes as text, too.
    private static String normal(String path) {
        String at = "";
        for (String name : ImagePath.names(path)) {
            at = name.equals("..") ? ImagePath.parent(at) : ImagePath.join(at, name);
        }
        return at;
    }

    private static Stream<String> ownDirectories() {
        return Stream.of("lib/" + triplet(), "usr/lib/" + triplet(), "lib64", "usr/lib64", "lib", "usr/lib");
    }

    /// The directory that Debian has for the libraries of this machine.
    private static String triplet() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> "x86_64-linux-gnu";
            case "aarch64" -> "aarch64-linux-gnu";
            case "ppc64le" -> "powerpc64le-linux-gnu";
            case String other -> other + "-linux-gnu";
        };
    }

    /// Reads a configuration and those that it includes.
    private void read(String path, Set<String> directories, Set<String> done) throws IOException {
        Optional<SourceWalk.Way> way = walk.tryToFollow(path);
        if (way.isEmpty() || !(walk.node(way.get()) instanceof TreeNode.File) || !done.add(path)) {
            return;
        }
        for (String line : content(way.get().end()).split("\n")) {
            String text = line.replaceFirst("#.*", "").strip();
            if (text.startsWith("include ") || text.startsWith("include\t")) {
                String pattern = text.substring("include".length()).strip();
                for (String included : walk.expand(
                        pattern.startsWith("/") ? pattern : ImagePath.parent(path) + "/" + pattern, Wildcards.SHELL)) {
                    read(included, directories, done);
                }
            } else if (text.startsWith("/")) {
                directories.add(normal(text));
            }
        }
    }

    private String content(String path) throws IOException {
        try (Fd file = walk.tree().open(path);
                InputStream stream = Channels.newInputStream(FileFacts.channel(file))) {
            return new String(stream.readNBytes(LARGEST_CONFIGURATION_BYTES), StandardCharsets.UTF_8);
        }
    }
}
