package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What pods are made of, without the label that tells templates apart. Two are the same version when they are equal.
///
/// @param tree as a Deployment has it; not to be changed
record PodTemplate(ObjectNode tree) {
    /// The label by which the pods of one version are told from those of another.
    static final String HASH = "pod-template-hash";

    /// Letters and digits that make no words.
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private static final int HASH_LENGTH = 10;

    static PodTemplate of(ApiObject workload) {
        ObjectNode tree = workload.spec().path("template") instanceof ObjectNode template
                ? template.deepCopy()
                : ObjectCodec.json().createObjectNode();
        if (tree.path("metadata").path("labels") instanceof ObjectNode labels) {
            labels.remove(HASH);
        }
        return new PodTemplate(tree);
    }

    /// @param collisions how many other templates of the same hash were met
    String hash(int collisions) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(tree.toString().getBytes(StandardCharsets.UTF_8));
            byte[] digest = sha.digest(Integer.toString(collisions).getBytes(StandardCharsets.UTF_8));
            StringBuilder hash = new StringBuilder();
            for (int i = 0; i < HASH_LENGTH; i++) {
                hash.append(ALPHABET.charAt(Byte.toUnsignedInt(digest[i]) % ALPHABET.length()));
            }
            return hash.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
