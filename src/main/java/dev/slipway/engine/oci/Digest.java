package dev.slipway.engine.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names bytes by their hash: `sha256:<64 hex>` or `sha512:<128 hex>`, lower case. A digest that exists follows the
/// grammar, so its parts are safe as file names.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests OCI Image Spec: Digests
public record Digest(String value) implements Comparable<Digest> {
    private static final Pattern GRAMMAR = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

    public Digest {
        if (!isValid(value)) {
            throw new IllegalArgumentException("digest is not sha256 or sha512 in lower case hex: " + value);
        }
    }

    /// The digest that `text` spells, or empty.
    public static Optional<Digest> parse(String text) {
        return isValid(text) ? Optional.of(new Digest(text)) : Optional.empty();
    }

    /// The sha256 digest of `bytes`.
    public static Digest sha256(byte[] bytes) {
        MessageDigest hash = hasher("SHA-256");
        hash.update(bytes);
        return ofSha256(hash);
    }

    /// The digest of everything that `hash`, a SHA-256, has seen; resets it.
    public static Digest ofSha256(MessageDigest hash) {
        return new Digest("sha256:" + HexFormat.of().formatHex(hash.digest()));
    }

    /// A fresh SHA-256.
    public static MessageDigest sha256Hasher() {
        return hasher("SHA-256");
    }

    /// The digest of `bytes` by this digest's algorithm.
    public Digest of(byte[] bytes) {
        return new Digest(algorithm() + ":" + HexFormat.of().formatHex(hasher().digest(bytes)));
    }

    public boolean isSha256() {
        return algorithm().equals("sha256");
    }

    /// A fresh hash of this digest's algorithm.
    public MessageDigest hasher() {
        return hasher(isSha256() ? "SHA-256" : "SHA-512");
    }

    /// Whether everything that `hash`, made by [#hasher], has seen is what this digest names; resets it.
    public boolean matches(MessageDigest hash) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(hex()), hash.digest());
    }

    /// `sha256` or `sha512`.
    public String algorithm() {
        return value.substring(0, 6);
    }

    public String hex() {
        return value.substring(7);
    }

    /// The first twelve digits, for people.
    public String shortHex() {
        return hex().substring(0, 12);
    }

    @Override
    public int compareTo(Digest other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    private static boolean isValid(String text) {
        return GRAMMAR.matcher(text).matches();
    }

    private static MessageDigest hasher(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has " + name, e);
        }
    }
}
