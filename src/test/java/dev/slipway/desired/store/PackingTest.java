package dev.slipway.desired.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PackingTest {
    private static final String EVENT = """
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"web.6729a8466d827166","namespace":"shop",\
            "uid":"95074e26-ee38-3291-85c3-b85fc57ed234","creationTimestamp":"2026-11-26T19:48:56Z",\
            "resourceVersion":"58"},"involvedObject":{"apiVersion":"v1","kind":"Pod","namespace":"shop","name":"web",\
            "uid":"ade9452d-a874-4534-8880-65e06923fb57","fieldPath":"spec.containers{main}"},"type":"Normal",\
            "reason":"Created","message":"Created container: main","source":{"component":"slipway","host":"vm"},\
            "reportingComponent":"slipway","reportingInstance":"vm","firstTimestamp":"2026-11-26T19:48:56Z",\
            "lastTimestamp":"2026-11-26T19:48:56Z","count":1}""";

    private final Packing packing = new Packing();

    @AfterEach
    void close() {
        packing.close();
    }

    @Test
    void an_event_takes_a_third_at_most_and_comes_back() {
        byte[] plain = bytes(EVENT);

        byte[] packed = packing.pack(plain);

        assertTrue(packed.length < plain.length / 3, packed.length + " of " + plain.length);
        assertArrayEquals(plain, Packing.unpack(packed, plain.length));
    }

    @Test
    void one_after_the_other_comes_back() {
        for (int i = 1; i < 2000; i += 37) {
            byte[] plain = bytes(EVENT.substring(0, i % EVENT.length()) + "größer-".repeat(i) + EVENT);
            assertArrayEquals(plain, Packing.unpack(packing.pack(plain), plain.length));
        }
    }

    @Test
    void what_would_not_become_smaller_stays_as_it_is() {
        byte[] noise = new byte[4000];
        new Random(1).nextBytes(noise);
        byte[] little = bytes("{}");

        assertSame(noise, packing.pack(noise));
        assertSame(little, packing.pack(little));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
