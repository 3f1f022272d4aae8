package dev.slipway.actor.tag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TagHistoryTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ObjectNode status = ObjectCodec.json().createObjectNode();

    private static Digest digest(int number) {
        return Digest.sha256(new byte[] {(byte) number});
    }

    private void move(int number, int limit) {
        TagHistory.note(status, digest(number), "", limit, START.plusSeconds(number));
    }

    @Test
    @DisplayName("S56 a move remembers where the tag was, since when and until when")
    void a_move_is_remembered() {
        move(1, 10);
        move(2, 10);

        assertEquals(digest(2).value(), status.path("digest").asText());
        assertEquals(digest(1).value(), status.path("previousDigest").asText());
        assertEquals(digest(2).value(), status.at("/history/0/digest").asText());
        assertEquals("2026-01-01T00:00:02Z", status.at("/history/0/from").asText());
        assertEquals(true, status.at("/history/0/to").isMissingNode());
        assertEquals("2026-01-01T00:00:01Z", status.at("/history/1/from").asText());
        assertEquals("2026-01-01T00:00:02Z", status.at("/history/1/to").asText());
    }

    @Test
    void staying_changes_nothing() {
        move(1, 10);
        ObjectNode before = status.deepCopy();

        TagHistory.note(status, digest(1), "", 10, START.plusSeconds(60));

        assertEquals(before, status);
    }

    @Test
    void only_so_many_earlier_ones_are_kept() {
        for (int number = 1; number <= 5; number++) {
            move(number, 2);
        }

        assertEquals(3, status.path("history").size());
        assertEquals(digest(3).value(), status.at("/history/2/digest").asText());
    }

    @Test
    void without_a_history_the_present_one_is_kept() {
        move(1, 0);
        move(2, 0);

        assertEquals(1, status.path("history").size());
        assertEquals(digest(2).value(), status.at("/history/0/digest").asText());
    }
}
