package dev.slipway.engine.cgroup;

import dev.slipway.engine.device.DeviceList;
import dev.slipway.engine.device.DeviceRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Holds containers to their lists of devices, by the best means that this host has: a program in the unified
/// hierarchy, else the `devices` controller of version 1.
///
/// Thread-safe once it is open.
final class DeviceControl implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DeviceControl.class);

    private final CgroupTree tree;
    private final DevicePrograms programs = new DevicePrograms();
    private volatile Means means = new Means.None("not looked for yet");

    /// What holds processes to a list.
    private sealed interface Means {
        record Program(Path root) implements Means {}

        record Controller(Path root) implements Means {}

        /// @param why for people
        record None(String why) implements Means {}
    }

    DeviceControl(CgroupTree tree) {
        this.tree = tree;
    }

    /// Finds out what this host has, and says so if that is nothing.
    void open() {
        means = find();
        missing().ifPresent(why -> LOG.warnf("containers are held to no list of devices reason=%s", why));
    }

    private Means find() {
        Optional<Path> classic =
                Optional.ofNullable(tree.hierarchies().classic().get(Controller.DEVICES));
        String why = "no cgroup2 file system is mounted";
        if (tree.hierarchies().unified().isPresent()) {
            try {
                programs.load(DeviceList.STANDARD);
                return new Means.Program(tree.hierarchies().unified().get());
            } catch (IOException e) {
                why = e.getMessage();
            }
        }
        return classic.isPresent()
                ? new Means.Controller(classic.get())
                : new Means.None(why + ", and no devices controller of version 1");
    }

    /// Why containers are held to no list; empty if they are.
    Optional<String> missing() {
        return means instanceof Means.None none ? Optional.of(none.why()) : Optional.empty();
    }

    /// Holds all that will be in a cgroup, which exists in the unified hierarchy if there is one, to `list`.
    ///
    /// @return the directory of version 1 that a process has to join
    Optional<Path> hold(CgroupName name, DeviceList list) throws IOException {
        return switch (means) {
            case Means.Program(Path root) -> {
                programs.attach(list, tree.directory(root, name));
                yield Optional.empty();
            }
            case Means.Controller(Path root) -> {
                tree.makeAll(root, name);
                Path directory = tree.directory(root, name);
                allowOnly(list, directory);
                yield Optional.of(directory);
            }
            case Means.None none -> Optional.empty();
        };
    }

    private static void allowOnly(DeviceList list, Path directory) throws IOException {
        ControlFile.write(directory.resolve("devices.deny"), "a");
        for (DeviceRule rule : list.rules()) {
            ControlFile.write(directory.resolve("devices.allow"), rule.toString());
        }
    }

    /// What is held stays so.
    @Override
    public void close() {
        programs.close();
    }
}
