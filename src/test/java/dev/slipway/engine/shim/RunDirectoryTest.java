package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Run directories, while their shims are at work in them.
class RunDirectoryTest {
    private static final int ROUNDS = 300;

    @TempDir
    private Path folder;

    /// A shim has its directory open, whatever name that gets.
    @Test
    void one_whose_shim_notes_its_end_meanwhile_is_removed() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            RunDirectory directory = new RunDirectory(Files.createDirectory(folder.resolve("web-" + round)));
            for (String file : List.of("cgroup", "exit.json.next", "process", "sock")) {
                Files.createFile(directory.path().resolve(file));
            }
            CyclicBarrier moment = new CyclicBarrier(2);
            FutureTask<Boolean> shim = new FutureTask<>(() -> noteEnd(directory.path(), moment));
            Thread.ofPlatform().start(shim);
            moment.await(20, TimeUnit.SECONDS);

            directory.remove();

            shim.get(20, TimeUnit.SECONDS);
            assertEquals(List.of(), left(), "in round " + round);
        }
    }

    private static boolean noteEnd(Path directory, CyclicBarrier moment) throws Exception {
        Path half = directory.resolveSibling(".half-" + directory.getFileName());
        moment.await(20, TimeUnit.SECONDS);
        for (Path each : List.of(directory, half)) {
            try {
                Files.move(each.resolve("exit.json.next"), each.resolve("exit.json"), StandardCopyOption.ATOMIC_MOVE);
                return true;
            } catch (IOException e) {
                // It has another name by now, or is gone.
                continue;
            }
        }
        return false;
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }
}
