package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;

/// Finds out who wrote what a Tag says, from its managed fields. Pure.
public final class TagAuthor {
    private TagAuthor() {}

    /// The field manager that wrote of the spec last; `unknown` where nobody is noted.
    public static String of(ApiObject tag) {
        String author = "unknown";
        String latest = "";
        for (JsonNode entry : tag.metadata().path("managedFields")) {
            String time = entry.path("time").asText();
            boolean wroteSpec = entry.path("fieldsV1").path("f:spec").isObject();
            if (wroteSpec && time.compareTo(latest) >= 0) {
                latest = time;
                author = entry.path("manager").asText(author);
            }
        }
        return author;
    }
}
