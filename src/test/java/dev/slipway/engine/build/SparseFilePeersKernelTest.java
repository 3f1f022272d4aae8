package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.PodmanHost;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An image with a sparse file, for programs of others.
@Timeout(120)
class SparseFilePeersKernelTest {
    private static final long SIZE = 40_000_000;

    @TempDir
    private Path directory;

    /// For a peer that syncs every file that it copies.
    private Path inMemory = Path.of("");

    private BuilderRig rig;
    private Path sparse;

    @BeforeEach
    void open() throws IOException {
        inMemory = Files.createTempDirectory(Path.of("/dev/shm"), "peer");
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")));
        sparse = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(SIZE);
            file.write("begin".getBytes());
            file.seek(SIZE / 2 + 1);
            file.write("middle".getBytes());
        }
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
        TreeRemoval.remove(inMemory);
    }

    @Test
    @DisplayName("S24 S52 a sparse file built here is sparse here, and the same file for umoci, skopeo and podman")
    void a_sparse_file_is_the_same_for_others() throws Exception {
        LocalImage image = rig.built(
                        null,
                        "sparse",
                        new BuildStep.CopyFromHost(List.of("/bin/busybox"), false),
                        new BuildStep.CopyFromHost(List.of(sparse.toString()), false))
                .image();

        Path here = rig.layer(image, 1).resolve(sparse.toString().substring(1));
        assertEquals(-1, Files.mismatch(sparse, here));
        assertTrue(kilobytes(here) < 1000, kilobytes(here) + " KiB");
        Path umoci = rig.unpacked("sparse").resolve(sparse.toString().substring(1));
        assertEquals(-1, Files.mismatch(sparse, umoci));
        String theirs = podman("pull -q oci:" + rig.copied("sparse"));
        String program = "/bin/busybox stat -c %s " + sparse + " && /bin/busybox md5sum " + sparse;
        assertEquals(
                SIZE + "\n" + Command.run("md5sum", sparse.toString()).strip(),
                podman("run --rm --network none --log-driver none " + theirs + " /bin/busybox sh -c '" + program
                        + "'"));
    }

    private static long kilobytes(Path file) {
        return Long.parseLong(Command.run("du", "-k", file.toString()).split("\\s")[0]);
    }

    private String podman(String words) throws IOException {
        Path conf = PodmanHost.configure(inMemory);
        return Command.run(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        PodmanHost.HIDE_UNIFIED + """
                        export CONTAINERS_CONF=%s
                        exec podman --root %s/root --runroot %s/run --storage-driver vfs --cgroup-manager cgroupfs %s
                        """.formatted(conf, inMemory, inMemory, words))
                .strip();
    }
}
