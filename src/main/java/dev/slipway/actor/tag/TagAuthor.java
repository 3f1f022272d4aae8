package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.TagSpec;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds out who wrote what a Tag says: the user, as far as one has shown who he is, and the program that it came by,
/// which may call itself as it likes. Pure.
final class TagAuthor {
    private TagAuthor() {}

    /// Who said where the Tag goes back to; `unknown` where nobody is noted.
    static String ofRollback(ApiObject tag) {
        return ofSpec(
                tag, TagSpec.ROLLED_BACK_BY, fields -> fields.path("f:spec").has("f:rollbackTo"));
    }

    /// Who pinned the Tag to a digest; `unknown` where nobody is noted.
    static String ofPin(ApiObject tag) {
        return ofSpec(
                tag, TagSpec.PINNED_BY, fields -> fields.at("/f:spec/f:target").has("f:digest"));
    }

    private static String ofSpec(ApiObject tag, String userNote, Predicate<JsonNode> wrote) {
        Optional<String> manager = last(tag, wrote)
                .or(() -> last(tag, fields -> fields.path("f:spec").isObject()));
        return named(tag, userNote, manager).orElse("unknown");
    }

    /// Who has approved; empty where nobody is noted.
    static Optional<String> ofApproval(ApiObject tag) {
        Optional<String> manager = last(
                tag, fields -> fields.path("f:metadata").path("f:annotations").has("f:" + TagSpec.APPROVE));
        return named(tag, TagSpec.APPROVED_BY, manager);
    }

    private static Optional<String> named(ApiObject tag, String userNote, Optional<String> manager) {
        String user = tag.annotations().getOrDefault(userNote, "");
        return user.isEmpty()
                ? manager
                : Optional.of(
                        user + manager.map(program -> " (" + program + ")").orElse(""));
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
