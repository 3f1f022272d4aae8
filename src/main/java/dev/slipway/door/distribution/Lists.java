package dev.slipway.door.distribution;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/// Lists of names, page by page. Pure.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags OCI Distribution Spec:
///     Listing Tags
final class Lists {
    private static final int LARGEST_PAGE = 10_000;

    private Lists() {}

    /// Those of `names` that follow the parameter `last`, at most as many as the parameter `n` says.
    ///
    /// @param frame the rest of the document; gets the names as `member`
    /// @param path of the list, for the link to its next page
    static Answer page(Request request, ObjectNode frame, String member, SortedSet<String> names, String path) {
        int limit = limit(request);
        String last = request.parameter("last").orElse("");
        List<String> rest =
                names.stream().filter(name -> name.compareTo(last) > 0).toList();
        List<String> page = rest.subList(0, Math.min(limit, rest.size()));
        ArrayNode list = frame.putArray(member);
        page.forEach(list::add);
        Answer answer = Answer.json(200, frame);
        if (page.isEmpty() || page.size() == rest.size()) {
            return answer;
        }
        String next = "<%s?n=%d&last=%s>; rel=\"next\""
                .formatted(path, limit, URLEncoder.encode(page.getLast(), StandardCharsets.UTF_8));
        return answer.with(Map.of("Link", next));
    }

    private static int limit(Request request) {
        String text = request.parameter("n").orElse("");
        if (text.isEmpty()) {
            return LARGEST_PAGE;
        }
        if (!text.matches("[0-9]{1,9}")) {
            throw new RefusedException(400, ErrorCode.UNSUPPORTED, "not a number of names: " + text);
        }
        return Math.min(Integer.parseInt(text), LARGEST_PAGE);
    }
}
