package dev.slipway.engine.build;

import dev.slipway.engine.tree.ImagePath;
import dev.slipway.engine.tree.LibrarySearch;
import dev.slipway.engine.tree.SourceWalk;
import dev.slipway.engine.tree.TreeNode;
import dev.slipway.engine.tree.Wildcards;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// Finds what a `copyFromHost` step takes.
///
/// Of a directory all is taken. A link is taken as a link, together with what it leads to; within a directory only if
/// that is a file, so that no link drags in another tree. Sockets, and what is mounted inside a directory, stay away.
///
/// Libraries are found by reading the files, as the loader would find them; no program runs for it. A library that a
/// named file needs must be there; one that only a file inside a directory needs may be missing, for it may be a part
/// that is never used.
final class HostSelection {
    private static final Logger LOG = Logger.getLogger(HostSelection.class);

    private final SourceWalk walk;
    private final Set<String> wishes = new LinkedHashSet<>();
    private final TreeMap<String, TreeNode> nodes = new TreeMap<>();

    /// ELF files that are taken, and whether all they need must be there.
    private final Map<String, Boolean> binaries = new TreeMap<>();

    HostSelection(SourceWalk walk) {
        this.walk = walk;
    }

    static Selection of(BuildStep.CopyFromHost step, SourceWalk walk) throws IOException {
        HostSelection selection = new HostSelection(walk);
        for (String pattern : step.paths()) {
            List<String> paths = walk.expand(pattern, Wildcards.SHELL);
            if (paths.isEmpty()) {
                throw new NoSuchFileException("no file of this host matches " + pattern);
            }
            for (String path : paths) {
                if (path.isEmpty()) {
                    throw new IOException("/ cannot be copied whole: name what of it is wanted");
                }
                selection.take(path);
            }
        }
        if (step.libraries()) {
            selection.takeLibraries();
        }
        return new Selection(List.copyOf(selection.wishes), selection.nodes);
    }

    private void take(String path) throws IOException {
        SourceWalk.Way way = wish(path);
        if (walk.node(way) instanceof TreeNode.Directory) {
            takeBelow(way.end());
        } else {
            note(way.end(), true);
        }
    }

    private SourceWalk.Way wish(String path) throws IOException {
        SourceWalk.Way way = walk.follow(path);
        wishes.add(String.join("/", ImagePath.names(path)));
        for (String passed : way.passed()) {
            Optional<SourceWalk.Seen> seen = walk.look(passed);
            if (seen.isPresent()) {
                nodes.put(passed, seen.get().node());
            }
        }
        return way;
    }

    private void takeBelow(String directory) throws IOException {
        for (Map.Entry<String, SourceWalk.Seen> entry : walk.below(directory).entrySet()) {
            String path = entry.getKey();
            TreeNode node = entry.getValue().node();
            nodes.put(path, node);
            if (node instanceof TreeNode.Symlink) {
                takeTarget(path);
            } else {
                note(path, false);
            }
        }
    }

    private void takeTarget(String link) throws IOException {
        Optional<SourceWalk.Way> way = walk.tryToFollow(link);
        if (way.isPresent() && walk.node(way.get()) instanceof TreeNode.File) {
            wish(link);
            note(way.get().end(), false);
        }
    }

    private void note(String path, boolean required) throws IOException {
        if (walk.look(path).flatMap(SourceWalk.Seen::elf).isPresent()) {
            binaries.merge(path, required, Boolean::logicalOr);
        }
    }

    private void takeLibraries() throws IOException {
        LibrarySearch search = new LibrarySearch(walk);
        for (Map.Entry<String, Boolean> binary : Map.copyOf(binaries).entrySet()) {
            LibrarySearch.Needs needs = search.needsOf(binary.getKey());
            for (String path : needs.paths()) {
                wish(path);
            }
            Optional<String> missing = needs.missing().stream().findFirst();
            if (missing.isPresent() && binary.getValue()) {
                throw new NoSuchFileException(missing.get());
            }
            missing.ifPresent(what -> LOG.debugf("library left out reason=%s", what));
        }
    }
}
