package dev.slipway.engine.plan;

import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.plan.Argument.From;
import dev.slipway.engine.plan.Argument.Text;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Opens layers for overlayfs. The options of mount(2) have to fit in one page. So layers are opened, get small
/// numbers, and are named by those, as seen from `/proc/self/fd`.
///
/// @param first number of the first
record LayerSteps(int first, int count) {
    /// Layers get descriptors from here on at least: as few digits as possible, above what most containers open.
    private static final int FIRST_LAYER = 64;
    /// What the shim itself may have open.
    private static final int OF_SHIM = 24;

    static void requireFew(List<Path> lowers) {
        if (lowers.size() > RootFilesystem.MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "image has %d layers, overlayfs takes %d".formatted(lowers.size(), RootFilesystem.MOST_LAYERS));
        }
    }

    static LayerSteps open(Tape tape, List<Path> layers, UserSteps user) {
        Slot opened = tape.slot("layer");
        // Each slot until here may hold a descriptor, which must not be replaced.
        int first = Math.max(FIRST_LAYER, OF_SHIM + opened.number());
        for (int i = 0; i < layers.size(); i++) {
            open(tape, opened, layers.get(i), first + i, user);
        }
        return new LayerSteps(first, layers.size());
    }

    /// The names of the first `layers` of them, as an option has them.
    String names(int layers) {
        return IntStream.range(first, first + layers)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(":"));
    }

    /// For who opens more afterwards.
    void close(Tape tape) {
        tape.add(
                "close the layers",
                Call.CLOSE_RANGE,
                Argument.number(first),
                Argument.number(first + count - 1),
                Argument.number(0));
    }

    private static void open(Tape tape, Slot opened, Path layer, int number, UserSteps user) {
        String words = "open layer " + layer;
        if (user.isNew()) {
            tape.add(Step.of(
                            words,
                            Call.OPEN_TREE,
                            Constants.CWD,
                            new Text(layer.toString()),
                            Argument.flags(Constants.OPEN_TREE_CLONE, Constants.OPEN_TREE_CLOEXEC))
                    .into(opened));
            user.translate(tape, opened, layer.toString());
        } else {
            tape.add(LaunchPlanner.openHost(words, layer.toString(), OpenFlag.PATH, OpenFlag.DIRECTORY)
                    .into(opened));
        }
        tape.add(
                "number layer " + layer,
                Call.DUP3,
                new From(opened),
                Argument.number(number),
                Constants.OPEN_TREE_CLOEXEC);
        tape.add("close the first descriptor", Call.CLOSE, new From(opened));
    }
}
