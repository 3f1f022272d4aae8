package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A process that builds an image whose program does not end, until it is killed. Writes a line when that runs.
final class BuilderToKill {
    private BuilderToKill() {}

    /// @param arguments directory of the lab, directory of the rig
    public static void main(String[] arguments) throws Exception {
        RuntimeLab lab = RuntimeLab.open(Path.of(arguments[0]));
        BuilderRig rig = new BuilderRig(Files.createDirectories(Path.of(arguments[1])), lab.runtime(), lab.snapshots());
        LocalImage base = rig.built(null, "base", new BuildStep.CopyFromHost(List.of("/bin/busybox"), false))
                .image();
        Thread.ofPlatform().daemon().start(() -> {
            RuntimeLab.await(() -> hasBegun(rig.builder.log("endless")));
            System.out.println("ready");
        });
        rig.built(
                base,
                "endless",
                BuilderRig.file("/one", "1"),
                new BuildStep.Run(
                        List.of("/bin/busybox", "sh", "-c", "echo begun; echo x >/x; while true; do :; done"),
                        Map.of()));
    }

    private static boolean hasBegun(Path log) {
        try {
            return Files.exists(log) && Files.readString(log).contains("F begun");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
