package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.runtime.StartOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Parts of a volume (`subPath`, and what `subPathExpr` becomes) while a program exchanges a directory on the way there
/// with a link to the host.
@Timeout(120)
class ExchangedPathsKernelTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int FEWEST = 40;

    private HostileLab lab;
    private PodUid pod;
    private Path outside;

    @BeforeEach
    void open() throws Exception {
        lab = HostileLab.open();
        outside = lab.programs().directory("outside");
        Files.writeString(outside.resolve("file"), "of the host");
        pod = lab.pod("swapping", false, Map.of("data", new PodVolume.EmptyDir(false, Optional.empty())));
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    @Test
    @DisplayName("S40 a part of a volume is found and made inside while its path is exchanged (CVE-2021-25741)")
    void a_part_is_found_and_made_inside_of_the_volume() throws Exception {
        attack();
        List<String> outcomes = new ArrayList<>();
        Set<String> made = new TreeSet<>();
        Set<String> met = new TreeSet<>();

        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (int attempt = 0; attempt < FEWEST || met.size() < 3 && System.nanoTime() < deadline; attempt++) {
            String part = attempt % 2 == 0 ? "made-" + attempt + "/below" : "file";
            String outcome = victim(attempt, part);
            outcomes.add(part + ": " + outcome);
            if (outcome.startsWith("started")) {
                met.add(part.equals("file") ? "found" : "made");
            } else if (outcome.contains("EXDEV")) {
                met.add("refused");
            }
            if (outcome.startsWith("started") && !part.equals("file")) {
                made.add(part.substring(0, part.indexOf('/')));
            }
        }
        String inside = end();

        String all = String.join("\n", outcomes);
        assertFalse(all.contains("of the host"), all);
        assertEquals(Set.of("made", "found", "refused"), met, all);
        assertEquals(List.of("file"), names(outside), "nothing was made outside");
        assertEquals("of the host", Files.readString(outside.resolve("file")));
        assertEquals(made, inside.lines().collect(Collectors.toCollection(TreeSet::new)));
        assertTrue(lab.runtime().log(attacker(), 0).matches("swapping\nexchanged [1-9]\\d*\n"));
    }

    private void attack() throws Exception {
        lab.runtime().started(wholly("attacker", """
                busybox=/bin/busybox
                $busybox mkdir /data/real && $busybox ln -s %s /data/link && echo of the volume >/data/real/file
                exec /knock swap /data/real /data/link""".formatted(outside)));
        RuntimeLab.await(this::isSwapping);
    }

    private boolean isSwapping() {
        try {
            Path log = lab.runtime().runtime().log(attacker(), 0);
            return Files.exists(log) && Files.readString(log).contains("swapping");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A container that writes to a part, or reads it; says what became of it.
    private String victim(int attempt, String part) throws Exception {
        String script =
                "if [ -d /part ]; then echo >/part/written; else /bin/busybox cat /part; echo of victim >/part; fi";
        ContainerRequest request = Requests.withMounts(
                HostileLab.container(pod, "victim", attempt, "/bin/sh", "-c", script),
                new VolumeMount("data", "/part", "real/" + part, false, "None"));
        StartOutcome outcome = lab.runtime().runtime().start(request);
        if (!(outcome instanceof StartOutcome.Started)) {
            return outcome.toString();
        }
        ContainerName name = new ContainerName(pod, "victim");
        lab.runtime().awaitEnd(name, attempt);
        return "started " + lab.runtime().log(name, attempt);
    }

    /// Stops the attack, and says which parts have something in them.
    private String end() throws Exception {
        lab.runtime().output(wholly("stop", "echo >/data/stop"));
        lab.runtime().awaitEnd(attacker(), 0);
        return lab.runtime().output(wholly("look", """
                for directory in /data/real /data/link; do
                  if [ ! -L $directory ]; then cd $directory; fi
                done
                for part in made-*; do
                  if [ -e $part/below/written ]; then echo $part; fi
                done"""));
    }

    private ContainerRequest wholly(String name, String script) {
        return Requests.withMounts(
                HostileLab.container(pod, name, 0, "/bin/sh", "-c", script),
                new VolumeMount("data", "/data", "", false, "None"));
    }

    private ContainerName attacker() {
        return new ContainerName(pod, "attacker");
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
