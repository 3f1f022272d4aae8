package dev.slipway.engine.repository;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.MediaType;

/// Documents as clients push them, each with one blob, which is its config, too.
public final class PushedManifests {
    private PushedManifests() {}

    /// What the image of a text needs.
    public static Descriptor blob(String text) {
        return Descriptor.of(MediaType.OCI_CONFIG, text.getBytes(UTF_8));
    }

    public static byte[] image(String text) {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[]}"
                .formatted(MediaType.OCI_MANIFEST.value(), json(blob(text)))
                .getBytes(UTF_8);
    }

    /// A manifest about another one, as a signature is.
    static byte[] about(String text, Descriptor subject) {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[],\"subject\":%s}"
                .formatted(MediaType.OCI_MANIFEST.value(), json(blob(text)), json(subject))
                .getBytes(UTF_8);
    }

    static byte[] index(Descriptor child) {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(MediaType.OCI_INDEX.value(), json(child))
                .getBytes(UTF_8);
    }

    private static String json(Descriptor part) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(part.mediaType().value(), part.digest(), part.sizeBytes());
    }
}
