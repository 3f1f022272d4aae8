package dev.slipway.engine.dockerfile;

import dev.slipway.engine.build.BuilderRig;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Five steps of one Dockerfile, built here and by buildah: cold, and when nothing has changed. Prints rows and asserts
/// nothing.
class BuildBenchmark {
    private static final int RUNS = 5;
    private static final String DOCKERFILE = """
            FROM scratch
            COPY busybox /bin/busybox
            RUN ["/bin/busybox", "--install", "-s", "/bin"]
            RUN echo %s > /cold && mkdir -p /srv/app
            COPY context /srv/app/
            RUN chown -R 1000:1000 /srv/app
            """;

    @TempDir
    private Path directory;

    private RuntimeLab lab;
    private BuilderRig rig;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")), lab.runtime(), lab.snapshots());
        Path context =
                Files.createDirectories(directory.resolve("context/context")).getParent();
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        for (int i = 0; i < 200; i++) {
            Files.writeString(context.resolve("context/file" + i), "content " + i);
        }
    }

    @AfterEach
    void close() throws IOException {
        try {
            rig.close();
            TreeRemoval.remove(directory.resolve("peer"));
        } finally {
            lab.close();
        }
    }

    @FunctionalInterface
    private interface Building {
        void with(String dockerfile) throws Exception;
    }

    @Test
    void five_steps_cold_and_cached() throws Exception {
        System.out.println(
                String.format(Locale.ROOT, "%n%-44s %10s %10s", "build, five steps (median ms)", "cold", "cached"));
        row("slipway", this::ours);
        row("buildah bud --layers --isolation chroot, vfs", this::theirs);
    }

    private void row(String name, Building building) throws Exception {
        building.with(DOCKERFILE.formatted(name.length() + "-warm"));
        double[] cold = new double[RUNS];
        double[] cached = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            String dockerfile = DOCKERFILE
                    .replace("COPY busybox", "ENV RUN=" + i + "\nCOPY busybox")
                    .formatted(i);
            cold[i] = millis(building, dockerfile);
            cached[i] = millis(building, dockerfile);
        }
        Arrays.sort(cold);
        Arrays.sort(cached);
        System.out.println(String.format(Locale.ROOT, "%-44s %10.0f %10.1f", name, cold[RUNS / 2], cached[RUNS / 2]));
    }

    private static double millis(Building building, String dockerfile) throws Exception {
        long start = System.nanoTime();
        building.with(dockerfile);
        return (System.nanoTime() - start) / 1e6;
    }

    private void ours(String dockerfile) throws Exception {
        String context = directory.resolve("context").toString();
        rig.built("bench", Dockerfile.stages(dockerfile, new Dockerfile.Options(Map.of(), "", context)));
    }

    private void theirs(String dockerfile) throws IOException {
        Path file = Files.writeString(directory.resolve("Dockerfile"), dockerfile);
        Command.run(
                "buildah",
                "--root",
                directory.resolve("peer/root").toString(),
                "--runroot",
                directory.resolve("peer/run").toString(),
                "--storage-driver",
                "vfs",
                "bud",
                "--isolation",
                "chroot",
                "--layers",
                "-f",
                file.toString(),
                "-t",
                "bench",
                directory.resolve("context").toString());
    }
}
