package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
    private final PrintStream before = System.out;

    @AfterEach
    void restore() {
        System.setOut(before);
    }

    @Test
    void text_and_bytes_arrive() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = StandardOutput.over(bytes, StandardCharsets.UTF_8);

        out.print("größer ");
        out.write(new byte[] {0, -1}, 0, 2);
        out.println("end");

        assertEquals("gr\u00c3\u00b6\u00c3\u009fer \u0000\u00ffend\n", bytes.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void who_reads_no_more_is_noticed_with_the_next_line() throws IOException {
        Pipe pipe = Pipe.open();
        PrintStream out = StandardOutput.over(Channels.newOutputStream(pipe.sink()), StandardCharsets.UTF_8);
        pipe.source().close();

        UncheckedIOException thrown = assertThrows(UncheckedIOException.class, () -> out.println("text"));

        assertInstanceOf(StandardOutput.ClosedException.class, thrown.getCause());
    }

    @Test
    void a_verb_that_nobody_reads_ends_as_by_a_signal() throws IOException {
        Pipe pipe = Pipe.open();
        System.setOut(StandardOutput.over(Channels.newOutputStream(pipe.sink()), StandardCharsets.UTF_8));
        pipe.source().close();

        assertEquals(141, SlipwayCommand.run("completion", "bash"));
        assertEquals(141, SlipwayCommand.run("--help"));
    }

    @Test
    void a_full_disk_is_told() throws IOException {
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            PrintStream out = StandardOutput.over(full, StandardCharsets.UTF_8);

            UncheckedIOException thrown = assertThrows(UncheckedIOException.class, () -> out.println("text"));

            assertEquals(
                    "write standard output: No space left on device",
                    thrown.getCause().getMessage());
        }
    }

    @Test
    void a_verb_that_cannot_print_fails() throws IOException {
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            System.setOut(StandardOutput.over(full, StandardCharsets.UTF_8));

            assertEquals(1, SlipwayCommand.run("completion", "bash"));
            assertEquals(1, SlipwayCommand.run("--help"));
        }
    }
}
