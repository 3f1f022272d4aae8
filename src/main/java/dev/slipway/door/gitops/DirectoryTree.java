package dev.slipway.door.gitops;

import dev.slipway.desired.meta.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The manifest files below a directory, read once. Files and directories whose names begin with a dot are left out,
/// unless a link in the tree leads to them, as in mounted ConfigMaps and in checkouts that are swapped.
///
/// Whoever may write in the tree must not make the engine read elsewhere: links are followed only to regular files and
/// directories in the tree, and what they lead to is opened from the tree's root one name at a time, following nothing.
/// A file has at most 3 MiB; the tree 32 MiB, 10,000 manifests and directories, and 32 levels.
final class DirectoryTree {
    private static final Pattern MANIFEST = Pattern.compile("[^.].*\\.(ya?ml|json)");
    private static final int LARGEST_FILE = 3 << 20;
    private static final int LARGEST_TREE = 32 << 20;
    private static final int MOST_PLACES = 10_000;
    private static final int DEEPEST = 32;

    private final Path root;
    private final Consumer<Path> beforeListing;
    private final Set<Path> visited = new HashSet<>();
    private final List<ManifestFile> files = new ArrayList<>();
    private int bytesRead;

    private DirectoryTree(Path root, Consumer<Path> beforeListing) {
        this.root = root;
        this.beforeListing = beforeListing;
    }

    /// A directory of the tree, open.
    ///
    /// @param real its path below the root, without links
    /// @param shown its path below the root as people know it
    private record Folder(SecureDirectoryStream<Path> stream, Path real, Path shown) {}

    /// Reads and parses all manifests, in the order of their paths.
    ///
    /// @param beforeListing gets every directory whose entries matter, before they are looked at
    /// @throws IOException when the directory cannot be read, or is too large
    static List<ManifestFile> read(Path directory, Consumer<Path> beforeListing) throws IOException {
        Path root = directory.toRealPath();
        if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(directory.toString());
        }
        DirectoryTree tree = new DirectoryTree(root, beforeListing);
        try (SecureDirectoryStream<Path> top = tree.open()) {
            tree.walk(new Folder(top, Path.of(""), Path.of("")));
            return tree.files;
        }
    }

    /// Whether a file of that name is read.
    static boolean isManifest(String name) {
        return MANIFEST.matcher(name).matches();
    }

    private SecureDirectoryStream<Path> open() throws IOException {
        beforeListing.accept(root);
        DirectoryStream<Path> stream = Files.newDirectoryStream(root);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("read " + root + ": the file system provider cannot open relative to a directory");
    }

    private void walk(Folder folder) throws IOException {
        if (folder.shown().getNameCount() > DEEPEST) {
            throw new TooLargeException(DEEPEST + " levels of directories");
        }
        if (!visited.add(folder.real())) {
            return;
        }
        if (visited.size() > MOST_PLACES) {
            throw new TooLargeException(MOST_PLACES + " files and directories");
        }
        for (Path name : names(folder)) {
            visit(folder, name);
        }
    }

    private static Set<Path> names(Folder folder) throws IOException {
        Set<Path> names = new TreeSet<>();
        try {
            for (Path entry : folder.stream()) {
                if (!entry.getFileName().toString().startsWith(".")) {
                    names.add(entry.getFileName());
                }
            }
            return names;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void visit(Folder folder, Path name) throws IOException {
        Path shown = folder.shown().resolve(name);
        boolean link = false;
        try {
            link = attributes(folder.stream(), name).isSymbolicLink();
            if (link) {
                follow(folder, name);
            } else {
                enter(folder, name, shown);
            }
        } catch (TooLargeException e) {
            throw e;
        } catch (NoSuchFileException e) {
            // A plain entry that went away meanwhile is a change, which starts another round.
            if (link && isManifest(name.toString())) {
                files.add(unreadable(shown, "the link leads nowhere"));
            }
        } catch (OutsideException e) {
            if (isManifest(name.toString())) {
                files.add(unreadable(shown, "the link leads out of the directory"));
            }
        } catch (IOException e) {
            files.add(unreadable(shown, "cannot be read: " + reason(e)));
        }
    }

    /// Opens what a link leads to from the root on, because a name may have become a link since it was resolved.
    private void follow(Folder folder, Path link) throws IOException {
        Path target = root.resolve(folder.real()).resolve(link).toRealPath();
        if (!target.startsWith(root)) {
            throw new OutsideException();
        }
        Path shown = folder.shown().resolve(link);
        Path real = root.relativize(target);
        if (target.equals(root)) {
            return;
        }
        Path parent = real.getParent();
        try (SecureDirectoryStream<Path> top = open()) {
            descend(new Folder(top, Path.of(""), shown), parent == null ? List.of() : parts(parent), real);
        }
    }

    /// Goes down by `parts` from `folder`, then enters the last name of `real`.
    private void descend(Folder folder, List<Path> parts, Path real) throws IOException {
        if (parts.isEmpty()) {
            beforeListing.accept(root.resolve(folder.real()));
            enter(folder, real.getFileName(), folder.shown());
            return;
        }
        Path next = parts.getFirst();
        try (SecureDirectoryStream<Path> below = folder.stream().newDirectoryStream(next, LinkOption.NOFOLLOW_LINKS)) {
            Folder inside = new Folder(below, folder.real().resolve(next), folder.shown());
            descend(inside, parts.subList(1, parts.size()), real);
        }
    }

    private static List<Path> parts(Path path) {
        List<Path> parts = new ArrayList<>();
        path.forEach(parts::add);
        return parts;
    }

    private void enter(Folder folder, Path name, Path shown) throws IOException {
        Path real = folder.real().resolve(name);
        BasicFileAttributes attributes = attributes(folder.stream(), name);
        if (attributes.isDirectory()) {
            beforeListing.accept(root.resolve(real));
            try (SecureDirectoryStream<Path> below =
                    folder.stream().newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                walk(new Folder(below, real, shown));
            }
        } else if (isManifest(shown.getFileName().toString()) && visited.add(real)) {
            files.add(
                    attributes.isRegularFile() ? parse(folder, name, shown) : unreadable(shown, "not a regular file"));
        }
    }

    private ManifestFile parse(Folder folder, Path name, Path shown) throws IOException {
        byte[] bytes = bytes(folder, name);
        if (bytes.length > LARGEST_FILE) {
            return unreadable(shown, "larger than " + LARGEST_FILE + " bytes");
        }
        bytesRead += bytes.length;
        if (bytesRead > LARGEST_TREE) {
            throw new TooLargeException(LARGEST_TREE + " bytes");
        }
        return ManifestParser.parse(shown.toString(), bytes);
    }

    /// The file's bytes, or one more than allowed.
    private static byte[] bytes(Folder folder, Path name) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel channel = folder.stream().newByteChannel(name, options)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(channel.size(), LARGEST_FILE) + 1);
            while (channel.read(buffer) > 0) {
                if (!buffer.hasRemaining() && buffer.capacity() <= LARGEST_FILE) {
                    ByteBuffer larger = ByteBuffer.allocate(LARGEST_FILE + 1);
                    buffer = larger.put(buffer.flip());
                }
            }
            return Arrays.copyOf(buffer.array(), buffer.position());
        }
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    private static ManifestFile.Bad unreadable(Path shown, String message) {
        String path = shown.toString();
        return new ManifestFile.Bad(path, "", new SourceProblem(path, 0, Reason.SOURCE_UNREADABLE, message, false));
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /// A link that leads out of the tree.
    private static final class OutsideException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /// A tree that no person has written as manifests; nothing is concluded from a part of it.
    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(String limit) {
            super("the directory has more than " + limit);
        }
    }
}
