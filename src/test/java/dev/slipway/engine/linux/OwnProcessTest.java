package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnProcessTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void pages_that_are_only_read_are_let_go_and_come_back() throws IOException {
        MappedByteBuffer mapped = map("some.pages", MapMode.READ_ONLY);
        mapped.load();

        assertEquals(OptionalLong.of(SIZE), OwnProcess.letGoOfFile("/some.pages"));

        assertEquals(OptionalLong.of(0), OwnProcess.letGoOfFile("/some.pages"));
        assertEquals(7, mapped.get(SIZE - 1));
    }

    @Test
    void what_was_written_to_a_private_copy_stays() throws IOException {
        MappedByteBuffer mapped = map("written.pages", MapMode.PRIVATE);
        mapped.put(SIZE - 1, (byte) 8);

        assertEquals(OptionalLong.empty(), OwnProcess.letGoOfFile("/written.pages"));

        assertEquals(8, mapped.get(SIZE - 1));
    }

    @Test
    void pages_of_a_library_that_is_in_use_are_let_go_of() throws IOException {
        long first = OwnProcess.letGoOfFile("/libjvm.so").orElseThrow();

        assertTrue(first > SIZE, first + " bytes of the virtual machine were mapped");
        assertTrue(OwnProcess.letGoOfFile("/libjvm.so").orElseThrow() < first);
    }

    private MappedByteBuffer map(String name, MapMode mode) throws IOException {
        byte[] content = new byte[SIZE];
        Arrays.fill(content, (byte) 7);
        Path file = Files.write(directory.resolve(name), content);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(mode, 0, SIZE);
        }
    }
}
