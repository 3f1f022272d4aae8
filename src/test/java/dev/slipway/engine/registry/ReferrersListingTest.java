package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.DocumentLimits;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.RegistryException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Lists of what is about a manifest, over several pages.
@Timeout(60)
class ReferrersListingTest {
    private static final Digest SUBJECT = Digest.sha256("subject".getBytes(UTF_8));

    private HostileRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new HostileRegistry();
        client = new RegistryClient(RegistrySettings.STANDARD, Patience.STANDARD, new DocumentLimits(100_000, 100_000));
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    private List<Descriptor> list() throws IOException {
        return client.referrers(new Repository(registry.host(), "team/web"), SUBJECT, Keyring.EMPTY);
    }

    private static Digest digest(int number) {
        return Digest.sha256(("referrer " + number).getBytes(UTF_8));
    }

    private static byte[] page(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(number -> """
                        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7, "digest": "%s"}
                        """.formatted(digest(number)))
                .collect(Collectors.joining(
                        ",",
                        "{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.oci.image.index.v1+json\", \"manifests\": [",
                        "]}"))
                .getBytes(UTF_8);
    }

    private static int number(HttpExchange exchange) {
        String query = exchange.getRequestURI().getQuery();
        return query == null ? 0 : Integer.parseInt(query.replaceAll(".*page=", ""));
    }

    private static boolean send(HttpExchange exchange, String host, byte[] page) throws IOException {
        exchange.getResponseHeaders()
                .set(
                        "Link",
                        "<%s/v2/team/web/referrers/%s?page=%d>; rel=\"next\""
                                .formatted(host, SUBJECT, number(exchange) + 1));
        return HostileRegistry.send(exchange, page);
    }

    @Test
    void all_pages_are_read() throws Exception {
        registry.play(
                "/referrers/",
                99,
                exchange -> number(exchange) == 2
                        ? HostileRegistry.send(exchange, page(4, 1))
                        : send(exchange, "", page(2 * number(exchange), 2)));

        assertEquals(
                IntStream.range(0, 5).mapToObj(ReferrersListingTest::digest).toList(),
                list().stream().map(Descriptor::digest).toList());
    }

    @Test
    void a_page_on_another_host_is_asked_of_the_same_one() throws Exception {
        try (HostileRegistry elsewhere = new HostileRegistry()) {
            registry.play(
                    "/referrers/",
                    99,
                    exchange -> number(exchange) == 1
                            ? HostileRegistry.send(exchange, page(1, 1))
                            : send(exchange, "http://" + elsewhere.host(), page(0, 1)));

            assertEquals(2, list().size());
            assertEquals(List.of(), elsewhere.seen(""));
            assertEquals(2, registry.seen("/v2/team/web/referrers/" + SUBJECT).size());
        }
    }

    @Test
    void pages_that_do_not_end_are_cut_off_by_their_bytes() {
        registry.play("/referrers/", 9999, exchange -> send(exchange, "", page(number(exchange), 100)));

        RegistryException refused = assertThrows(RegistryException.class, this::list);

        assertEquals(Kind.PROTOCOL, refused.kind());
        assertTrue(refused.getMessage().contains("more than the 100000 bytes that are allowed"), refused::getMessage);
        assertTrue(registry.seen("/referrers/").size() < 12, "it was not asked on and on");
    }

    @Test
    void pages_that_list_nothing_are_not_followed() throws Exception {
        registry.play("/referrers/", 9999, exchange -> send(exchange, "", page(0, 0)));

        assertEquals(List.of(), list());
        assertEquals(1, registry.seen("/referrers/").size());
    }

    @Test
    void a_page_that_is_missing_is_not_taken_for_the_end() {
        registry.play("/referrers/", 1, exchange -> send(exchange, "", page(0, 1)));

        RegistryException refused = assertThrows(RegistryException.class, this::list);

        assertEquals(Kind.PROTOCOL, refused.kind());
        assertTrue(refused.getMessage().contains("a page is missing"), refused::getMessage);
    }
}
