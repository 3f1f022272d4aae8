package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.shim.StruckShims.From;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A shim is killed while it writes a log and rotates it: what is there is whole entries, in order and without gaps,
/// and all of them if the end of the container is known.
class StruckShimLogKernelTest {
    private static final int LINES = 300;
    private static final int STRIDE = Integer.getInteger("slipway.faults.stride", 11);

    private ShimLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void a_log_that_was_being_written_has_no_gap_and_no_half_of_an_entry() throws Exception {
        StruckShims shims = StruckShims.of(lab.home());
        lab.restart();
        // Until it has told that the program is executed, which takes it eight calls, there is nothing to log.
        int call = 12;
        for (Optional<String> struck = Optional.of(""); struck.isPresent(); call += STRIDE) {
            ContainerDraft container = lab.container("seq 1 " + LINES / 2 + "; seq " + (LINES / 2 + 1) + " " + LINES);
            Path log = lab.logOf(container.id());
            shims.strike(From.EXECUTED, call);

            ShimLab.Started started = container
                    .log(new LogSettings(log, new LogSettings.Rotation(4096, 4)))
                    .start();
            lab.awaitEnd(started.id());
            struck = shims.struck();

            List<Integer> lines = numbers(log);
            Found end = lab.shims().find(started.id());
            assertEquals(IntStream.rangeClosed(1, lines.size()).boxed().toList(), lines, struck::toString);
            if (end instanceof Found.Exited exited) {
                assertEquals(0, exited.exit().exitCode());
                assertEquals(LINES, lines.size());
            } else {
                assertInstanceOf(Found.Lost.class, end);
                assertTrue(struck.isPresent(), "nobody has killed the shim");
            }
            assertEquals(List.of(end), lab.restart(), struck::toString);
            lab.shims().forget(started.id());
        }
    }

    private static List<Integer> numbers(Path log) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (int older = 3; older >= 0; older--) {
            Path file = older == 0 ? log : log.resolveSibling(log.getFileName() + "." + older);
            if (Files.exists(file)) {
                String text = Files.readString(file);
                assertTrue(text.isEmpty() || text.endsWith("\n"), "half of an entry in " + file);
                text.lines().forEach(line -> numbers.add(Integer.parseInt(line.split(" ", 4)[3])));
            }
        }
        return numbers;
    }
}
