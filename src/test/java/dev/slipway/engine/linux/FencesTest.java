package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Memory outside the heap is freed when its [jnr.ffi.Pointer] is not reachable any more, and compiled code lets go
/// of a local variable when it is read for the last time, which is before the call that it is an argument of. Such
/// a call works on freed memory once in hundreds of thousands of times, and then ends the whole engine; what can be
/// held is that nobody relies on it.
class FencesTest {
    private static final Path ROOM = Path.of("src/main/java/dev/slipway/engine/linux");
    private static final Pattern LOCAL =
            Pattern.compile("\\n {8,}Pointer (\\w+) = Syscalls\\.(?:buffer|string)\\(.*?(?=\\n    })", Pattern.DOTALL);

    @Test
    void memory_that_a_call_is_given_is_held_until_the_call_is_over() throws IOException {
        List<String> unheld = new ArrayList<>();
        int looked = 0;
        for (Path file : sources()) {
            String source = Files.readString(file);
            Matcher local = LOCAL.matcher(source);
            for (int from = 0; local.find(from); from = local.end(1)) {
                looked++;
                String name = local.group(1);
                boolean isGiven = holds(local.group(), name + "\\.address\\(\\)")
                        || holds(local.group(), "\\bc\\.\\w+\\([^;]*\\b" + name + "\\b");
                boolean isHandedOn = holds(local.group(), "return " + name + ";");
                if (isGiven && !isHandedOn && !holds(local.group(), "reachabilityFence\\([^;]*\\b" + name + "\\b")) {
                    unheld.add(file.getFileName() + ": " + name);
                }
            }
        }

        assertEquals(List.of(), unheld);
        assertFalse(looked < 20, "memory is made in another way now: " + looked);
    }

    /// Its memory is its own and is freed with it: each call holds it, because nobody else may.
    @Test
    void who_has_memory_of_its_own_is_held_by_each_of_its_calls() throws IOException {
        String source = Files.readString(ROOM.resolve("At.java"));

        assertTrue(holds(source, "Syscalls\\.call\\([^;]*;\\s+Reference\\.reachabilityFence\\(this\\)"));
        assertEquals(1, source.split("Syscalls\\.call\\(", -1).length - 1, "calls beside the one that holds it");
    }

    private static boolean holds(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).find();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.list(ROOM)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }
}
