package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds out who wrote what a Tag says, from its managed fields. Pure.
public final class TagAuthor {
    private TagAuthor() {}

    /// The field manager that wrote of the spec last; `unknown` where nobody is noted.
    public static String of(ApiObject tag) {
        return last(tag, fields -> fields.path("f:spec").isObject()).orElse("unknown");
    }

    /// The field manager that wrote an annotation last; empty where nobody is noted.
    static Optional<String> ofAnnotation(ApiObject tag, String annotation) {
        return last(
                tag, fields -> fields.path("f:metadata").path("f:annotations").has("f:" + annotation));
    }

    private static Optional<String> last(ApiObject tag, Predicate<JsonNode> wrote) {
        String author = "";
        String latest = "";
        for (JsonNode entry : tag.metadata().path("managedFields")) {
            String time = entry.path("time").asText();
            if (wrote.test(entry.path("fieldsV1")) && time.compareTo(latest) >= 0) {
                latest = time;
                author = entry.path("manager").asText(author);
            }
        }
        return author.isEmpty() ? Optional.empty() : Optional.of(author);
    }
}
