package dev.slipway.actor.tag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.actor.tag.Following.By;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FollowingTest {
    private static final List<String> TAGS = List.of(
            "latest", "v9", "v10", "1.3.9", "1.4", "1.4.0", "1.10.2", "2.0.0", "2.1.0-rc.1", "16-alpine", "nightly-2");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DIGEST  |          |            | stable
            SEM_VER | >=1.4 <2 |            | 1.10.2
            SEM_VER | 1.4.x    |            | 1.4.0
            SEM_VER |          |            | v10
            SEM_VER |          | ^[0-9]     | 2.0.0
            SEM_VER | 99       |            | none
            PATTERN |          | ^v         | v10
            PATTERN |          | alpine$    | 16-alpine
            PATTERN |          | ^x         | none
            """)
    void one_tag_of_the_repository_is_chosen(By by, String range, String pattern, String chosen)
            throws InvalidReferenceException {
        Following following = new Following(
                Reference.parse("hub.lan/acme/web:stable"),
                by,
                range == null ? "" : range,
                pattern == null ? "" : pattern,
                Duration.ofMinutes(5),
                true);

        assertEquals(chosen, following.choose(TAGS).map(Reference::tag).orElse("none"));
    }
}
