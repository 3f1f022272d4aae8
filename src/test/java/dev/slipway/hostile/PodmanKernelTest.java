package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.PodmanHost;
import java.io.IOException;
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

    /// What podman leaves of cgroups is removed, once its monitor has ended.
    private String podman(List<String> command) throws IOException {
        Path home = programs.directory("podman");
        Path tree = programs.directory("podman-tree");
        HostilePrograms.fill(tree, programs.program());
        Path settings = PodmanHost.configure(home);
        String script = PodmanHost.HIDE_UNIFIED + """
                CONTAINERS_CONF=%1$s podman --root %2$s/root --runroot %2$s/run --storage-driver overlay \
                  --cgroup-manager cgroupfs run --rm --network none --cgroup-parent /%3$s --rootfs %4$s "$@"
                status=$?
                for attempt in $(seq 200); do
                  find /sys/fs/cgroup -depth -type d -path "*/%3$s*" ! -path "*/unified/*" -exec rmdir {} + && exit $status
                  sleep 0.1
                done 2>/dev/null
                exit 99
                """.formatted(settings, home, programs.name(), tree);
        List<String> words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script, "sh"));
        words.addAll(command);
        return HostilePrograms.run(words.toArray(String[]::new));
    }
}
