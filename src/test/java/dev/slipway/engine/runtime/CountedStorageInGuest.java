package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.FreshDisk;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.snapshot.SnapshotKey;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.snapshot.WritableLayer;
import dev.slipway.engine.volume.Counting;
import dev.slipway.engine.volume.PodVolumes;
import dev.slipway.engine.volume.TreeUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What pods write to a file system with project quotas, which counts it; runs in the virtual machine of
/// `UnifiedHostVM`.
class CountedStorageInGuest {
    private static final PodUid POD = new PodUid("pod");
    private static final PodUid OTHER = new PodUid("other");
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder = Path.of("");

    private Optional<FreshDisk> opened = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        opened = Optional.of(FreshDisk.make("320M", "mkfs.ext4 -q -O quota,project", "prjquota"));
    }

    @AfterEach
    void close() {
        opened.orElseThrow().close();
    }

    @Test
    void empty_directories_are_counted_one_by_one_and_made_again_after_their_removal() throws IOException {
        Path disk = opened.orElseThrow().directory();
        PodVolumes volumes = new PodVolumes(disk.resolve("pods"), folder.resolve("memory"));
        volumes.open();
        try {
            Path work = volumes.emptyDir(POD, "work");
            Path other = volumes.emptyDir(POD, "other");
            assertEquals("777", sh("stat -c %a " + work));
            Files.write(work.resolve("file"), new byte[2 * MIB]);
            Files.write(other.resolve("file"), new byte[MIB]);

            TreeUsage counted = volumes.emptyDirUsage(POD, Counting.FILE_SYSTEM).get("work");

            assertTrue(counted.bytes() >= 2 * MIB && counted.bytes() < 3 * MIB, counted.toString());
            assertEquals(1, counted.files());
            assertEquals(
                    1, volumes.emptyDirUsage(POD, Counting.WALK).get("work").files());
            sh("chattr -p 0 %s/file".formatted(work));
            assertEquals(
                    0,
                    volumes.emptyDirUsage(POD, Counting.FILE_SYSTEM).get("work").files(),
                    "nothing is walked");
            volumes.remove(POD);
            volumes.emptyDir(POD, "work");
            assertEquals(
                    0,
                    volumes.emptyDirUsage(POD, Counting.FILE_SYSTEM).get("work").files());
        } finally {
            volumes.dismantle();
        }
    }

    @Test
    void a_writable_layer_is_counted_whatever_overlayfs_does_in_it() throws IOException {
        Path disk = opened.orElseThrow().directory();
        Snapshots snapshots = new Snapshots(disk.resolve("snapshots"), task -> {});
        snapshots.open();
        SnapshotKey key = new SnapshotKey("pod.web.0");
        WritableLayer layer = snapshots.writable(key);
        Path lower = Files.createDirectories(disk.resolve("lower/etc")).getParent();
        Files.write(lower.resolve("etc/large"), new byte[2 * MIB]);
        Files.writeString(lower.resolve("etc/gone"), "x");
        Path merged = Files.createDirectory(folder.resolve("merged"));
        sh("mount -t overlay overlay -o lowerdir=%s,upperdir=%s,workdir=%s %s"
                .formatted(lower, layer.upper(), layer.work(), merged));
        try {
            sh("cd %s && echo more >> etc/large && rm etc/gone && mkdir new && mv etc/large new/large && sync -f ."
                    .formatted(merged));
        } finally {
            sh("umount " + merged);
        }

        TreeUsage counted = TreeUsage.counted(snapshots.counted(key).orElseThrow(), 4);

        assertEquals(TreeUsage.of(layer.upper()).files(), counted.files());
        assertTrue(counted.bytes() >= 2 * MIB && counted.bytes() < 3 * MIB, counted.toString());
        snapshots.removeWritable(key);
        assertEquals(Optional.empty(), snapshots.counted(key));
    }

    /// Whose processes could have files counted elsewhere is walked through.
    @Test
    void only_pods_in_a_user_namespace_are_not_walked_through() throws Exception {
        RuntimeLab lab = RuntimeLab.open(opened.orElseThrow().directory().resolve("slwcount"));
        try {
            Map<String, PodVolume> volumes = Map.of("work", new PodVolume.EmptyDir(false, Optional.empty()));
            SandboxRequest plain = Requests.sandbox(POD, volumes);
            SandboxRequest mapped = Requests.sandbox(OTHER, volumes);
            lab.sandbox(plain);
            lab.sandbox(new SandboxRequest(
                    mapped.uid(),
                    mapped.namespace(),
                    mapped.name(),
                    mapped.hostname(),
                    mapped.network(),
                    new SandboxRequest.Sharing(false, SandboxRequest.Ipc.POD, true),
                    mapped.volumes()));
            for (PodUid pod : List.of(POD, OTHER)) {
                Path work = lab.root().resolve("volumes/.pods/%s/work".formatted(pod));
                Files.write(work.resolve("counted"), new byte[MIB]);
                Files.write(work.resolve("elsewhere"), new byte[MIB]);
                sh("chattr -p 0 %s/elsewhere".formatted(work));
            }

            assertEquals(2, lab.runtime().storage(POD).volumes().get("work").files());
            assertEquals(1, lab.runtime().storage(OTHER).volumes().get("work").files());
        } finally {
            lab.close();
        }
    }

    private static String sh(String line) throws IOException {
        Process process =
                new ProcessBuilder("sh", "-c", line).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.onExit().join().exitValue(), line + ": " + out);
        return out.strip();
    }
}
