package dev.slipway.engine.snapshot;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Looks at every file of stacked layers, as overlayfs would: what is on top, and what that hides. For one thread.
final class StackSurvey {
    private static final int BLOCK_BYTES = 512;
    private static final byte[] SELF = {'.'};
    private static final int MOST_NAMES = 500_000;
    private static final String OPAQUE = "trusted.overlay.opaque";

    private final At at = new At();
    private final double[] bytes;
    private final double[] hidden;
    private final int[] whiteouts;

    private StackSurvey(int layers) {
        bytes = new double[layers];
        hidden = new double[layers];
        whiteouts = new int[layers];
    }

    /// One layer's part of a merged directory.
    private record Part(int layer, Fd directory) {}

    /// @param layers the trees of each layer, topmost first
    /// @return in the same order
    static List<LayerFacts> of(List<List<Path>> layers) throws IOException {
        StackSurvey survey = new StackSurvey(layers.size());
        List<Part> roots = new ArrayList<>();
        try {
            for (int layer = 0; layer < layers.size(); layer++) {
                for (Path tree : layers.get(layer)) {
                    try (Fd path = survey.at.openHost(tree)) {
                        roots.add(new Part(layer, survey.at.openChild(path, SELF)));
                    }
                }
            }
            survey.look(roots);
        } finally {
            roots.forEach(part -> part.directory().close());
        }
        List<LayerFacts> facts = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            facts.add(new LayerFacts(
                    Math.round(survey.bytes[layer]), survey.whiteouts[layer], Math.round(survey.hidden[layer])));
        }
        return facts;
    }

    /// What a name is so far, from the top down: a directory that lower ones may be merged with, or something that
    /// hides whatever comes.
    ///
    /// @param parts the layers that have it as a directory; none when it hides what is below
    private record Shown(List<Integer> parts, boolean isOpen) {
        static final Shown COVER = new Shown(List.of(), false);
    }

    /// @param parts topmost first
    private void look(List<Part> parts) throws IOException {
        Map<String, Shown> names = new HashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            boolean sinks = i < parts.size() - 1 && isOpaque(parts.get(i).directory());
            look(parts.get(i), i, names);
            if (sinks) {
                whiteouts[parts.get(i).layer()]++;
                for (Part below : parts.subList(i + 1, parts.size())) {
                    addBelow(below, true);
                }
                break;
            }
        }
        for (Map.Entry<String, Shown> entry : names.entrySet()) {
            if (!entry.getValue().parts().isEmpty()) {
                enter(entry.getKey().getBytes(StandardCharsets.ISO_8859_1), entry.getValue(), parts);
            }
        }
    }

    private void look(Part part, int index, Map<String, Shown> names) throws IOException {
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, part.directory(), MOST_NAMES)) {
            String name = new String(entry.name(), StandardCharsets.ISO_8859_1);
            FileStat stat = at.stat(part.directory(), entry.name());
            Shown shown = names.get(name);
            if (stat.isWhiteout()) {
                whiteouts[part.layer()]++;
                names.putIfAbsent(name, Shown.COVER);
                close(names, name, shown);
            } else if (shown == null) {
                names.put(name, stat.isDirectory() ? new Shown(new ArrayList<>(List.of(index)), true) : Shown.COVER);
                add(part.layer(), stat, false);
            } else if (stat.isDirectory() && shown.isOpen()) {
                shown.parts().add(index);
                add(part.layer(), stat, false);
            } else {
                add(part.layer(), stat, true);
                close(names, name, shown);
                if (stat.isDirectory()) {
                    try (Fd child = at.openChild(part.directory(), entry.name())) {
                        addBelow(new Part(part.layer(), child), true);
                    }
                }
            }
        }
    }

    /// What is not a directory ends the merging of those above it with those below.
    private static void close(Map<String, Shown> names, String name, @Nullable Shown shown) {
        if (shown != null && shown.isOpen()) {
            names.put(name, new Shown(shown.parts(), false));
        }
    }

    private void enter(byte[] name, Shown shown, List<Part> parts) throws IOException {
        List<Part> children = new ArrayList<>();
        try {
            for (int index : shown.parts()) {
                Part parent = parts.get(index);
                children.add(new Part(parent.layer(), at.openChild(parent.directory(), name)));
            }
            look(children);
        } finally {
            children.forEach(child -> child.directory().close());
        }
    }

    private void addBelow(Part part, boolean isHidden) throws IOException {
        for (TreeRemoval.Entry entry : TreeRemoval.entries(at, part.directory(), MOST_NAMES)) {
            FileStat stat = at.stat(part.directory(), entry.name());
            if (stat.isWhiteout()) {
                whiteouts[part.layer()]++;
                continue;
            }
            add(part.layer(), stat, isHidden);
            if (stat.isDirectory()) {
                try (Fd child = at.openChild(part.directory(), entry.name())) {
                    addBelow(new Part(part.layer(), child), isHidden);
                }
            }
        }
    }

    /// Of a file with several names each counts for its share.
    private void add(int layer, FileStat stat, boolean isHidden) {
        double size = (double) stat.blocks() * BLOCK_BYTES / (stat.isDirectory() ? 1 : Math.max(1, stat.links()));
        bytes[layer] += size;
        hidden[layer] += isHidden ? size : 0;
    }

    private boolean isOpaque(Fd directory) throws IOException {
        String names = new String(at.attributeNames(directory, SELF), StandardCharsets.UTF_8);
        return Arrays.asList(names.split("\0")).contains(OPAQUE);
    }
}
