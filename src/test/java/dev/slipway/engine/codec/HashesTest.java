package dev.slipway.engine.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.oci.Digest;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashesTest {
    @Test
    void the_hosts_hash_is_the_jdks_whatever_the_pieces() {
        Random random = new Random(11);
        MessageDigest host = Hashes.sha256();
        MessageDigest jdk = Digest.sha256Hasher();
        for (int round = 0; round < 40; round++) {
            for (int piece = 0; piece < 5; piece++) {
                byte[] bytes = new byte[random.nextInt(200_000) + 2];
                random.nextBytes(bytes);
                host.update(bytes, 1, bytes.length - 2);
                jdk.update(bytes, 1, bytes.length - 2);
                host.update(bytes[0]);
                jdk.update(bytes[0]);
            }

            assertArrayEquals(jdk.digest(), host.digest());
        }
    }

    @Test
    void what_was_seen_is_forgotten_by_a_reset() {
        MessageDigest hash = Hashes.sha256();
        hash.update(new byte[1000]);

        hash.reset();

        assertEquals(Digest.sha256(new byte[0]), Digest.ofSha256(hash));
    }

    @Test
    void openssl_is_used_where_it_is() {
        assertInstanceOf(OpenSslSha256.class, Hashes.sha256());
    }

    @Test
    void another_algorithm_is_the_jdks() {
        Digest digest = new Digest("sha512:" + "0".repeat(128));

        assertEquals("SHA-512", Hashes.of(digest).getAlgorithm());
    }
}
