package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
/// @param member of the answer that holds the names
/// @spec https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags OCI Distribution Spec:
///     Listing Tags
record Listing(String path, String member, String words) {
    private static final int LARGEST_PAGE_BYTES = 8 << 20;
    private static final int MOST_NAMES = 100_000;
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;.*rel=\"?next\"?.*");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    List<String> read(Conversation conversation) throws IOException {
        List<String> names = new ArrayList<>();
        Optional<String> next = Optional.of(path);
        while (next.isPresent()) {
            HttpResponse<BodyReader> response = conversation.ask(Question.read(next.get(), words));
            int before = names.size();
            try (BodyReader body = response.body()) {
                add(body.readNBytes(LARGEST_PAGE_BYTES), names);
            }
            next = names.size() == before ? Optional.empty() : next(response);
        }
        return List.copyOf(names);
    }

    private void add(byte[] page, List<String> names) throws RegistryException {
        try {
            JsonNode list = MAPPER.readTree(page).path(member);
            list.forEach(name -> names.add(name.asText()));
        } catch (JsonProcessingException e) {
            throw new RegistryException(PROTOCOL, words + ": the answer is not JSON", null, e);
        } catch (IOException e) {
            throw new RegistryException(PROTOCOL, words + ": " + e.getMessage(), null, e);
        }
        if (names.size() > MOST_NAMES) {
            throw new RegistryException(PROTOCOL, words + ": more than " + MOST_NAMES + " names");
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
        String here = path.substring(0, path.indexOf('?'));
        return target.getRawQuery() == null ? Optional.empty() : Optional.of(here + "?" + target.getRawQuery());
    }
}
