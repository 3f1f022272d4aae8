package dev.slipway.engine.tree;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The file system that the layers below show, as far as placing files needs it. Paths are [ImagePath]s that lead
/// through no link. For one thread.
public final class ImageView implements AutoCloseable {
    private final At at = new At();
    private final @Nullable Fd root;

    private ImageView(@Nullable Fd root) {
        this.root = root;
    }

    /// @param lowers layer directories, topmost first; none for an empty view
    public static ImageView open(List<Path> lowers) throws IOException {
        return switch (lowers.size()) {
            case 0 -> new ImageView(null);
            case 1 -> new ImageView(new At().openHost(lowers.getFirst()));
            default -> new ImageView(Mounts.mergedLayers(lowers));
        };
    }

    /// The directory or link at `path`. Anything else is a file without content, for only its being there counts.
    /// Null for nothing.
    @Nullable
    public TreeNode look(String path) throws IOException {
        FileStat stat = root == null ? null : stat(root, path);
        if (stat == null || stat.isWhiteout()) {
            return null;
        }
        FileOwner owner = FileOwner.of(stat);
        return switch (stat.type()) {
            case FileStat.DIRECTORY -> new TreeNode.Directory(stat.permissions(), owner);
            case FileStat.SYMLINK -> new TreeNode.Symlink(readLink(path), owner);
            default -> new TreeNode.File(TreeNode.Content.Text.of(""), stat.permissions(), owner);
        };
    }

    /// The merged root; null for an empty view.
    @Nullable
    Fd root() {
        return root;
    }

    private @Nullable FileStat stat(Fd directory, String path) throws IOException {
        try {
            return at.stat(directory, SourceTree.bytes(path));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private String readLink(String path) throws IOException {
        Fd directory = root;
        if (directory == null) {
            throw new IllegalStateException("an empty view has no links");
        }
        return new String(at.readLink(directory, SourceTree.bytes(path)), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (root != null) {
            root.close();
        }
    }
}
