package dev.slipway.engine.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The device nodes that this host has below `/dev`.
public final class DeviceNodes {
    private static final Path DEVICES = Path.of("/dev");
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;

    private DeviceNodes() {}

    /// @param left names below `/dev` that are left out, with all below them
    public static List<Path> except(Set<String> left) throws IOException {
        Set<Path> out = left.stream().map(DEVICES::resolve).collect(Collectors.toSet());
        try (Stream<Path> all = Files.walk(DEVICES)) {
            return all.filter(path -> out.stream().noneMatch(path::startsWith))
                    .filter(DeviceNodes::isNode)
                    .toList();
        }
    }

    private static boolean isNode(Path path) {
        try {
            int type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & TYPE_MASK;
            return type == CHARACTER_DEVICE || type == BLOCK_DEVICE;
        } catch (IOException e) {
            // Unplugged a moment ago.
            return false;
        }
    }
}
