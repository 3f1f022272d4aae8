package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Weights of io on a disk of the test's own, as far as the kernel has a scheduler that shares it by them.
@Timeout(60)
class DiskWeightsKernelTest {
    private static final CgroupName HEAVY = CgroupName.of(new PodUid("heavy"), "main.0");
    private static final CgroupName LIGHT = CgroupName.of(new PodUid("light"), "main.0");
    private static final long ENOUGH_BYTES = 64 << 20;

    private final CgroupLab lab = new CgroupLab();

    @TempDir
    private Path folder = Path.of("");

    private Path disk = Path.of("");
    private Path scheduler = Path.of("");

    @BeforeEach
    void attach() throws Exception {
        Path file = folder.resolve("disk");
        try (RandomAccessFile sized = new RandomAccessFile(file.toFile(), "rw")) {
            sized.setLength(32 << 20);
        }
        disk = Path.of(run("losetup", "--find", "--show", file.toString()));
        scheduler = Path.of("/sys/block/" + disk.getFileName() + "/queue/scheduler");
    }

    @AfterEach
    void detach() throws Exception {
        lab.close();
        Files.writeString(scheduler, "none");
        run("losetup", "--detach", disk.toString());
    }

    @Test
    void containers_share_a_disk_by_their_weights() throws Exception {
        for (Hierarchies hierarchies : weighing()) {
            boolean canWeigh = choose("bfq");
            Cgroups cgroups = lab.open(hierarchies);
            if (!canWeigh) {
                assertThrows(IOException.class, () -> cgroups.create(HEAVY, weight(1000)));
                continue;
            }
            Placement heavy = cgroups.create(HEAVY, weight(1000));
            Placement light = cgroups.create(LIGHT, weight(50));
            assertEquals("1000", told(hierarchies, HEAVY));
            assertEquals("50", told(hierarchies, LIGHT));

            String read = "while :; do dd if=%s of=/dev/null bs=64k iflag=direct 2>/dev/null; done".formatted(disk);
            lab.run(heavy, read);
            lab.run(light, read);

            CgroupLab.await("served by weight", () -> {
                long served = served(hierarchies, HEAVY);
                return served > ENOUGH_BYTES && served > 2 * served(hierarchies, LIGHT);
            });
            cgroups.update(HEAVY, Limits.NONE);
            assertEquals("100", told(hierarchies, HEAVY), "lifted");
            cgroups.kill(HEAVY, CgroupLab.LIMIT);
            cgroups.kill(LIGHT, CgroupLab.LIMIT);
            cgroups.remove(HEAVY);
            cgroups.remove(LIGHT);
        }
    }

    @Test
    void a_weight_that_no_disk_is_shared_by_is_refused() throws Exception {
        choose("none");
        for (Hierarchies hierarchies : weighing()) {
            DiskWeights weights = new DiskWeights(new CgroupTree(hierarchies, CgroupLab.parent()), Path.of("/sys"));
            // A disk of the host may be shared so.
            boolean isShared = weights.areRead("blkio.bfq.weight", Path.of("/"));
            Cgroups cgroups = lab.open(hierarchies);
            if (!isShared) {
                IOException refused = assertThrows(IOException.class, () -> cgroups.create(LIGHT, weight(50)));
                assertTrue(refused.getMessage().startsWith("limit io: no disk"), refused.getMessage());
            }
            cgroups.create(LIGHT, Limits.NONE);
        }
    }

    /// @return whether the kernel has it
    private boolean choose(String name) throws IOException {
        try {
            Files.writeString(scheduler, name);
        } catch (IOException e) {
            return false;
        }
        return Files.readString(scheduler).contains("[" + name + "]");
    }

    private static List<Hierarchies> weighing() throws IOException {
        List<Hierarchies> all = CgroupLab.hierarchies().stream()
                .filter(each -> each.home(Controller.IO).isPresent())
                .toList();
        assertTrue(!all.isEmpty(), "no hierarchy of this host has the controller of io");
        return all;
    }

    private static String told(Hierarchies hierarchies, CgroupName name) throws IOException {
        return CgroupLab.limit(hierarchies, name, Controller.IO, "io.bfq.weight", "blkio.bfq.weight")
                .replace("default ", "");
    }

    private static long served(Hierarchies hierarchies, CgroupName name) throws IOException {
        return CgroupLab.limit(hierarchies, name, Controller.IO, "io.stat", "blkio.bfq.io_service_bytes")
                .lines()
                .flatMap(line -> Stream.of(line.split(" ")))
                .filter(word -> word.matches("(rbytes=)?\\d+"))
                .mapToLong(word -> Long.parseLong(word.replace("rbytes=", "")))
                .max()
                .orElse(0);
    }

    private static Limits weight(int weight) {
        return new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.empty(), OptionalInt.of(weight), Map.of());
    }

    private static String run(String... words) throws Exception {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.strip();
    }
}
