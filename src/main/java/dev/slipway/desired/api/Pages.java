package dev.slipway.desired.api;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.store.ObjectList;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// Cuts a list into pages. A page begins behind the last key of the one before, in the list as it is by then.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
///     Kubernetes:
///     Retrieving large results sets in chunks
final class Pages {
    private Pages() {}

    static Page of(ObjectList all, ListOptions options) throws ApiException {
        List<ApiObject> selected = all.items().stream()
                .filter(object -> options.labels().matches(object.labels())
                        && options.fields().matches(object))
                .toList();
        long version = all.resourceVersion();
        List<ApiObject> left = selected;
        if (!options.continueToken().isEmpty()) {
            Cursor cursor = Cursor.decode(options.continueToken());
            version = cursor.version();
            left = selected.stream().filter(cursor::isBefore).toList();
        }
        if (options.limit() <= 0 || left.size() <= options.limit()) {
            return new Page(left, version, "", 0);
        }
        List<ApiObject> page = left.subList(0, options.limit());
        String token = Cursor.behind(page.getLast(), version).encode();
        return new Page(page, version, token, left.size() - page.size());
    }

    /// Where a part ended. It carries the version of the first part: what changes between two parts is told again
    /// by a watch that begins there, and nothing is missed.
    private record Cursor(long version, String namespace, String name) {
        static Cursor behind(ApiObject object, long version) {
            return new Cursor(version, object.namespace(), object.name());
        }

        boolean isBefore(ApiObject object) {
            int byNamespace = namespace.compareTo(object.namespace());
            return byNamespace < 0 || byNamespace == 0 && name.compareTo(object.name()) < 0;
        }

        String encode() {
            String text = version + "/" + namespace + "/" + name;
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        static Cursor decode(String token) throws ApiException {
            try {
                String[] parts = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8).split("/", 3);
                if (parts.length == 3) {
                    return new Cursor(Long.parseLong(parts[0]), parts[1], parts[2]);
                }
            } catch (IllegalArgumentException e) {
                throw ApiException.badRequest("continue key is not valid: " + e.getMessage());
            }
            throw ApiException.badRequest("continue key is not valid");
        }
    }
}
