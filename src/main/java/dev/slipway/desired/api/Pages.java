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
        String after = decode(options.continueToken());
        List<ApiObject> left = after.isEmpty()
                ? selected
                : selected.stream()
                        .filter(object -> key(object).compareTo(after) > 0)
                        .toList();
        if (options.limit() <= 0 || left.size() <= options.limit()) {
            return new Page(left, all.resourceVersion(), "", 0);
        }
        List<ApiObject> page = left.subList(0, options.limit());
        return new Page(page, all.resourceVersion(), encode(key(page.getLast())), left.size() - page.size());
    }

    private static String key(ApiObject object) {
        return object.namespace() + "/" + object.name();
    }

    private static String encode(String key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String token) throws ApiException {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("continue key is not valid: " + e.getMessage());
        }
    }
}
