package dev.slipway.engine.device;

import dev.slipway.engine.device.DeviceRule.Access;
import dev.slipway.engine.device.DeviceRule.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The device nodes that this host has.
public final class DeviceNodes {
    private static final Path DEVICES = Path.of("/dev");
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;

    private DeviceNodes() {}

    /// Those below `/dev`.
    ///
    /// @param left names below `/dev` that are left out, with all below them
    public static List<Path> except(Set<String> left) throws IOException {
        Set<Path> out = left.stream().map(DEVICES::resolve).collect(Collectors.toSet());
        try (Stream<Path> all = Files.walk(DEVICES)) {
            return all.filter(path -> out.stream().noneMatch(path::startsWith))
                    .filter(DeviceNodes::isNode)
                    .toList();
        }
    }

    /// Allows access to the device that a node, or a link to one, leads to.
    ///
    /// @throws IOException also when there is no node
    public static DeviceRule rule(Path node, Set<Access> accesses) throws IOException {
        try {
            Kind kind = kind((int) Files.getAttribute(node, "unix:mode"))
                    .orElseThrow(() -> new IOException("look at device %s: it is none".formatted(node)));
            long device = (long) Files.getAttribute(node, "unix:rdev");
            return DeviceRule.of(kind, major(device), minor(device), accesses);
        } catch (NoSuchFileException e) {
            throw new IOException("look at device %s: no such file".formatted(node), e);
        }
    }

    private static boolean isNode(Path path) {
        try {
            return kind((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS))
                    .isPresent();
        } catch (IOException e) {
            // Unplugged a moment ago.
            return false;
        }
    }

    private static Optional<Kind> kind(int mode) {
        return switch (mode & TYPE_MASK) {
            case CHARACTER_DEVICE -> Optional.of(Kind.CHARACTER);
            case BLOCK_DEVICE -> Optional.of(Kind.BLOCK);
            default -> Optional.empty();
        };
    }

    /// @spec https://man7.org/linux/man-pages/man3/makedev.3.html makedev(3)
    private static int major(long device) {
        return (int) (device >>> 8 & 0xfff);
    }

    private static int minor(long device) {
        return (int) (device >>> 12 & 0xfff00 | device & 0xff);
    }
}
