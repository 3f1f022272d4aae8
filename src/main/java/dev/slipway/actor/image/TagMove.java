package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;

/// Notes in the status of a Tag that it points at an image. Pure.
final class TagMove {
    private TagMove() {}

    /// Changes `status`; nothing changes if it points there already. The first entry of the history is the present
    /// one, without an end; behind it come at most `limit` earlier ones.
    static void note(ObjectNode status, Digest digest, int limit, Instant now) {
        String before = status.path("digest").asText();
        if (!before.equals(digest.value())) {
            move(status, before, digest, now);
        }
        if (status.get("history") instanceof ArrayNode history) {
            while (history.size() > limit + 1) {
                history.remove(history.size() - 1);
            }
        }
    }

    private static void move(ObjectNode status, String before, Digest digest, Instant now) {
        String time = Timestamps.seconds(now);
        status.put("digest", digest.value());
        if (!before.isEmpty()) {
            status.put("previousDigest", before);
        }
        ArrayNode history = status.withArray("/history");
        JsonNode last = history.path(0);
        if (last instanceof ObjectNode present && !present.has("to")) {
            present.put("to", time);
        }
        history.insertObject(0).put("digest", digest.value()).put("from", time);
    }
}
