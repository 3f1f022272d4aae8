package dev.slipway.door.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlainScreenTest {
    @Test
    void an_object_is_gone_and_what_kept_the_directory_from_being_applied_is_settled() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PlainScreen screen = new PlainScreen(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        List<Row> rows =
                Stream.of("Container", "File", "Sync").map(PlainScreenTest::row).toList();
        screen.show(new Overview(true, rows), Duration.ofSeconds(1));

        bytes.reset();
        screen.show(new Overview(true, List.of()), Duration.ofSeconds(2));

        List<String> lines = bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .sorted()
                .toList();
        assertEquals(List.of("2.0 s  Container a: gone", "2.0 s  File a: settled", "2.0 s  Sync a: settled"), lines);
    }

    private static Row row(String kind) {
        return new Row(new Row.Subject(kind, "", "a", true), Row.Mark.BUSY, "Busy", "", "Busy", List.of());
    }
}
