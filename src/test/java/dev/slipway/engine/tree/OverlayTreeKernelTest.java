package dev.slipway.engine.tree;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a program has written that means no good.
class OverlayTreeKernelTest {
    private Path folder = Path.of("");

    @BeforeEach
    void open() throws IOException {
        folder = Files.createTempDirectory(Path.of("/dev/shm"), "overlay-tree");
    }

    @AfterEach
    void close() throws IOException {
        TreeRemoval.remove(folder);
    }

    @Test
    void a_tree_deeper_than_a_stack_is_refused() throws IOException {
        Path upper = deep("upper");
        Path lower = deep("lower");

        IOException merged = assertThrows(IOException.class, () -> new OverlayTree().merge(upper, lower));
        IOException tidied = assertThrows(IOException.class, () -> new OverlayTree().tidy(lower, List.of()));

        assertTrue(merged.getMessage().contains("more than 1000 directories"), merged.getMessage());
        assertTrue(tidied.getMessage().contains("more than 1000 directories"), tidied.getMessage());
    }

    /// As a program makes it that goes down step by step: deeper than one path can name.
    private Path deep(String name) throws IOException {
        Path top = Files.createDirectory(folder.resolve(name));
        String step = "d/".repeat(1500);
        Command.run("sh", "-ec", "cd %s; mkdir -p %s; cd %s; mkdir -p %s".formatted(top, step, step, step));
        return top;
    }
}
