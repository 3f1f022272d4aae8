package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.NOT_FOUND;
import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A list that a registry gives page by page.
///
/// @param member of the answer that holds what is listed
/// @spec https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags OCI Distribution Spec:
///     Listing Tags
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers OCI Distribution
///     Spec: Listing Referrers
record Listing(String path, String member, String words) {
    private static final int LARGEST_PAGE_BYTES = 8 << 20;
    private static final int MOST_PAGES = 1000;
    private static final int MOST_NAMES = 100_000;
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;.*rel=\"?next\"?.*");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /// The names of all pages, up to the first without any.
    List<String> read(Conversation conversation) throws IOException {
        List<String> names = new ArrayList<>();
        walk(conversation, body -> {
            int before = names.size();
            add(body.readNBytes(LARGEST_PAGE_BYTES), names);
            return names.size() > before;
        });
        return List.copyOf(names);
    }

    /// The pages as they came, each an index, up to the first that lists nothing.
    ///
    /// @param mostBytes of all of them
    List<byte[]> indexes(Conversation conversation, int mostBytes) throws IOException {
        List<byte[]> pages = new ArrayList<>();
        int[] left = {mostBytes};
        walk(conversation, body -> {
            byte[] page = body.readNBytes(left[0] + 1);
            if (page.length > left[0]) {
                throw new RegistryException(
                        PROTOCOL, words + ": more than the " + mostBytes + " bytes that are allowed");
            }
            left[0] -= page.length;
            ManifestCodec.parse(page, MediaType.OCI_INDEX);
            pages.add(page);
            return !members(page).isEmpty();
        });
        return List.copyOf(pages);
    }

    private interface Page {
        /// Says whether to go on.
        boolean read(BodyReader body) throws IOException;
    }

    private void walk(Conversation conversation, Page page) throws IOException {
        Optional<String> next = Optional.of(path);
        for (int number = 0; next.isPresent(); number++) {
            if (number == MOST_PAGES) {
                throw new RegistryException(PROTOCOL, words + ": more than " + MOST_PAGES + " pages");
            }
            HttpResponse<BodyReader> response = answer(conversation, next.get());
            try (BodyReader body = response.body()) {
                next = page.read(body) ? next(response) : Optional.empty();
            }
        }
    }

    /// A list whose later pages are missing does not lack, it is broken.
    private HttpResponse<BodyReader> answer(Conversation conversation, String page) throws IOException {
        try {
            return conversation.ask(Question.read(page, words));
        } catch (RegistryException e) {
            if (e.kind() == NOT_FOUND && !page.equals(path)) {
                throw new RegistryException(PROTOCOL, words + ": a page is missing", null, e);
            }
            throw e;
        }
    }

    private void add(byte[] page, List<String> names) throws RegistryException {
        members(page).forEach(name -> names.add(name.asText()));
        if (names.size() > MOST_NAMES) {
            throw new RegistryException(PROTOCOL, words + ": more than " + MOST_NAMES + " names");
        }
    }

    private JsonNode members(byte[] page) throws RegistryException {
        try {
            return MAPPER.readTree(page).path(member);
        } catch (JsonProcessingException e) {
            throw new RegistryException(PROTOCOL, words + ": the answer is not JSON", null, e);
        } catch (IOException e) {
            throw new RegistryException(PROTOCOL, words + ": " + e.getMessage(), null, e);
        }
    }

    /// The path of the next page below `/v2/`. Whatever host a registry writes there, the same one is asked.
    private Optional<String> next(HttpResponse<?> response) throws RegistryException {
        Matcher link = NEXT.matcher(response.headers().firstValue("Link").orElse(""));
        if (!link.matches()) {
            return Optional.empty();
        }
        URI target;
        try {
            target = response.uri().resolve(URI.create(link.group(1)));
        } catch (IllegalArgumentException e) {
            throw new RegistryException(PROTOCOL, words + ": the link to the next page is malformed", null, e);
        }
        int query = path.indexOf('?');
        String here = query < 0 ? path : path.substring(0, query);
        return target.getRawQuery() == null ? Optional.empty() : Optional.of(here + "?" + target.getRawQuery());
    }
}
