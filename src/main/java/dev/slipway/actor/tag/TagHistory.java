package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;

/// Notes in the status of a Tag where it points and pointed. Pure.
public final class TagHistory {
    private TagHistory() {}

    /// Changes `status`; nothing changes if it points there already. The first entry of the history is the present
    /// one, without an end; behind it come at most `limit` earlier ones.
    public static void note(ObjectNode status, Digest digest, String cause, int limit, Instant now) {
        String before = status.path("digest").asText();
        if (!before.equals(digest.value())) {
            move(status, before, digest, cause, now);
        }
        if (status.get("history") instanceof ArrayNode history) {
            while (history.size() > limit + 1) {
                history.remove(history.size() - 1);
            }
        }
    }

    private static void move(ObjectNode status, String before, Digest digest, String cause, Instant now) {
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
        ObjectNode entry = history.insertObject(0).put("digest", digest.value()).put("from", time);
        if (!cause.isEmpty()) {
            entry.put("cause", cause);
        }
    }

    /// Says what came of the present entry.
    static void result(ObjectNode status, String result) {
        if (status.at("/history/0") instanceof ObjectNode present) {
            present.put("result", result);
        }
    }
}
