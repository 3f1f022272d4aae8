package dev.slipway.engine.oci;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    private static final String ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void the_digest_of_bytes_is_their_sha256() {
        assertEquals(ABC, Digest.sha256("abc".getBytes(US_ASCII)).value());
    }

    @Test
    void bytes_are_checked_by_the_digests_own_algorithm() {
        Digest digest = new Digest("sha512:"
                + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
        MessageDigest hash = digest.hasher();
        hash.update("abc".getBytes(US_ASCII));

        assertTrue(digest.matches(hash));
        assertFalse(digest.matches(digest.hasher()));
        assertEquals(digest, digest.of("abc".getBytes(US_ASCII)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256:",
                "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "sha256:../../../../etc/passwd",
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
                "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "md5:900150983cd24fb0d6963f7d28e17f72"
            })
    @DisplayName("CVE-2024-3727: what could not be a file name is not a digest")
    void what_could_not_be_a_file_name_is_not_a_digest(String text) {
        assertEquals(Optional.empty(), Digest.parse(text));
        assertThrows(IllegalArgumentException.class, () -> new Digest(text));
    }

    @Test
    void the_chain_of_one_layer_is_the_layer_and_of_two_is_the_hash_of_both() {
        DiffId base = new DiffId(Digest.sha256("base".getBytes(US_ASCII)));
        DiffId top = new DiffId(Digest.sha256("top".getBytes(US_ASCII)));

        assertEquals(base.digest(), ChainId.of(List.of(base)).digest());
        assertEquals(
                Digest.sha256((base + " " + top).getBytes(US_ASCII)),
                ChainId.of(List.of(base, top)).digest());
        assertEquals(ChainId.of(List.of(base, top)), ChainId.of(List.of(base)).then(top));
    }
}
