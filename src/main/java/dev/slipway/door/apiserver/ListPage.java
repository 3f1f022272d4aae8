package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;

/// A part of a long list, for clients that set `limit`.
///
/// The token that leads to the next page says behind which object it begins and which version the first page had.
/// Every page tells that version: what changes between two pages is told again by a watch that begins there.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks chunks
record ListPage(List<ApiObject> objects, Rendering.Page page) {

    /// @param selected in the order of namespace and name
    static ListPage of(List<ApiObject> selected, Query query, long version) {
        String token = query.text("continue");
        List<ApiObject> rest = selected;
        long firstVersion = version;
        if (!token.isEmpty()) {
            Cursor cursor = Cursor.read(token);
            firstVersion = cursor.version();
            rest = selected.stream().filter(cursor::isBefore).toList();
        }
        OptionalLong limit = query.number("limit");
        int size = (int) Math.min(rest.size(), limit.orElse(0) == 0 ? Long.MAX_VALUE : limit.getAsLong());
        List<ApiObject> objects = rest.subList(0, size);
        long remaining = rest.size() - size;
        String next = remaining == 0
                ? ""
                : Cursor.behind(objects.getLast(), firstVersion).write();
        return new ListPage(objects, new Rendering.Page(firstVersion, next, remaining));
    }

    private record Cursor(long version, String namespace, String name) {
        static Cursor behind(ApiObject object, long version) {
            return new Cursor(version, object.namespace(), object.name());
        }

        boolean isBefore(ApiObject object) {
            int byNamespace = namespace.compareTo(object.namespace());
            return byNamespace < 0 || byNamespace == 0 && name.compareTo(object.name()) < 0;
        }

        String write() {
            byte[] json = ObjectCodec.toBytes(JsonNodeFactory.instance
                    .objectNode()
                    .put("v", version)
                    .put("ns", namespace)
                    .put("n", name));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(json);
        }

        static Cursor read(String token) {
            try {
                JsonNode json = ObjectCodec.readObject(Base64.getUrlDecoder().decode(token));
                return new Cursor(
                        json.path("v").asLong(),
                        json.path("ns").asText(),
                        json.path("n").asText());
            } catch (IOException | IllegalArgumentException e) {
                throw RefusedException.badRequest("continue key is not valid");
            }
        }
    }
}
