package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The host has no more of something: space, inodes, processes, descriptors. What is asked for meanwhile fails with a
/// reason and leaves nothing; what runs goes on; and as soon as there is some again, all goes well.
class StarvedKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final PodUid OTHER = new PodUid("other");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final ContainerName LATE = new ContainerName(OTHER, "late");

    @Test
    void no_space() throws Exception {
        onSmallDisk("size=16m", (home, lab) -> {
            Path filler = home.resolve("filler");
            assertTrue(isRefused(lab, "no space left on device", () -> fill(filler), () -> Files.delete(filler)));
        });
    }

    @Test
    void no_inodes() throws Exception {
        onSmallDisk("size=16m,nr_inodes=600", (home, lab) -> {
            Path many = Files.createDirectory(home.resolve("many"));
            assertTrue(isRefused(lab, "no space left on device", () -> exhaust(many), () -> {
                try (Stream<Path> files = Files.list(many)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
            }));
        });
    }

    @Test
    void no_descriptors() throws Exception {
        try (RuntimeLab lab = RuntimeLab.open();
                Descriptors descriptors = new Descriptors()) {
            rehearse(lab);
            int free = 0;
            while (isRefused(lab, free, descriptors)) {
                free += 3;
            }
            assertTrue(free > 2, "a start needs a few");
        }
    }

    /// Without a descriptor no class can be loaded from a directory: what is needed then is loaded before.
    private static void rehearse(RuntimeLab lab) throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        lab.output(RuntimeLab.shell(WEB, 0, "true"));
        lab.runtime().removePod(POD);
        String words = new LinuxException(Errno.EMFILE.number(), "rehearse", "it").getMessage();
        for (Object outcome : List.of(
                new SandboxOutcome.Failed(words), new SandboxOutcome.Refused(words), new StartOutcome.Failed(words))) {
            assertTrue(outcome.toString().contains(words));
        }
    }

    @FunctionalInterface
    private interface Step {
        void take() throws Exception;
    }

    @FunctionalInterface
    private interface Story {
        void unfold(Path home, RuntimeLab lab) throws Exception;
    }

    private static boolean isRefused(RuntimeLab lab, int free, Descriptors descriptors) throws Exception {
        return isRefused(lab, "too many open files", () -> descriptors.leave(free), descriptors::giveBack);
    }

    /// @param reason what has to be among the words of the failure
    /// @return false if there was enough to go on
    private static boolean isRefused(RuntimeLab lab, String reason, Step take, Step giveBack) throws Exception {
        HostCount empty = HostCount.settled(lab);
        lab.sandbox(Requests.sandbox(POD));
        Attempt running = lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");
        // In place of the ready network that the pod has got, another one is made.
        lab.chores().await();
        HostCount before = HostCount.of(lab);
        String words;
        take.take();
        try {
            words = failure(lab);
        } finally {
            giveBack.take();
        }
        assertTrue(words.isEmpty() || words.toLowerCase(Locale.ROOT).contains(reason), words);
        lab.runtime().removePod(OTHER);
        assertEquals(running, lab.attempt(WEB, 0));
        lab.sandbox(Requests.sandbox(OTHER));
        assertEquals("there is some\n", lab.output(RuntimeLab.shell(LATE, 0, "echo there is some")));
        lab.runtime().removePod(OTHER);
        before.awaitAgain(lab);
        lab.runtime().retain(Set.of());
        empty.awaitAgain(lab);
        return !words.isEmpty();
    }

    /// What is said of a pod that cannot be started; nothing if it can.
    private static String failure(RuntimeLab lab) throws InterruptedException {
        if (lab.runtime().ensureSandbox(Requests.sandbox(OTHER)) instanceof SandboxOutcome.Failed failed) {
            return failed.message();
        }
        return switch (lab.runtime().start(RuntimeLab.idle(LATE, 0))) {
            case StartOutcome.Started started -> "";
            case StartOutcome.Refused refused -> refused.message();
            case StartOutcome.NotExecuted program -> program.message();
            case StartOutcome.Unsupported unsupported -> unsupported.message();
            case StartOutcome.Failed failed -> failed.message();
        };
    }

    private static void onSmallDisk(String options, Story story) throws Exception {
        Path home = Files.createTempDirectory("slwrun");
        Mounts.tmpfs(home, options);
        try (RuntimeLab lab = RuntimeLab.open(Files.createDirectory(home.resolve("lab")))) {
            story.unfold(home, lab);
        } finally {
            Mounts.detach(home);
            Files.delete(home);
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] some = new byte[4096];
        try (var out = Files.newOutputStream(file, StandardOpenOption.CREATE)) {
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("No space"), e::toString);
        }
    }

    private static void exhaust(Path directory) {
        try {
            for (int i = 0; true; i++) {
                Files.createFile(directory.resolve("file" + i));
            }
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("No space"), e::toString);
        }
    }
}
