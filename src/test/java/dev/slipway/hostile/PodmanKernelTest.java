package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The same hostile program under podman: what is shut there is shut here.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodmanKernelTest {
    private HostilePrograms programs;

    @BeforeAll
    void open() throws IOException {
        programs = HostilePrograms.prepare();
    }

    @AfterAll
    void close() throws IOException {
        programs.close();
    }

    @Test
    @DisplayName("S40 what podman shuts is shut")
    void what_podman_shuts_is_shut() throws IOException {
        Map<String, String> podman = Door.answers(podman(programs.knocking()));

        Set<String> shutThereOnly = Door.all().stream()
                .filter(door -> door.container().equals(Door.OPEN) || door.pod().equals(Door.OPEN))
                .map(Door::name)
                .filter(name -> !podman.get(name).equals(Door.OPEN))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), shutThereOnly);
        assertEquals(Set.of(), unanswered(podman));
    }

    private static Set<String> unanswered(Map<String, String> answers) throws IOException {
        Set<String> names = Door.all().stream().map(Door::name).collect(Collectors.toCollection(TreeSet::new));
        names.removeAll(answers.keySet());
        return names;
    }

    /// Debian's crun refuses to see the unified hierarchy beside version 1, so it is taken out of its sight. What
    /// podman leaves of cgroups is removed.
    private String podman(List<String> command) throws IOException {
        Path home = programs.directory("podman");
        Path tree = programs.directory("podman-tree");
        HostilePrograms.fill(tree, programs.program());
        Path settings = Files.writeString(home.resolve("containers.conf"), """
                [containers]
                default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
                [engine]
                runtime = "crun"
                events_logger = "file"
                """);
        String script = """
                mountpoint -q /sys/fs/cgroup/unified && umount /sys/fs/cgroup/unified
                CONTAINERS_CONF=%1$s podman --root %2$s/root --runroot %2$s/run --storage-driver overlay \
                  --cgroup-manager cgroupfs run --rm --network none --cgroup-parent /%3$s --rootfs %4$s "$@"
                status=$?
                find /sys/fs/cgroup -depth -type d -path "*/%3$s*" -exec rmdir {} +
                exit $status
                """.formatted(settings, home, programs.name(), tree);
        List<String> words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script, "sh"));
        words.addAll(command);
        return HostilePrograms.run(words.toArray(String[]::new));
    }
}
