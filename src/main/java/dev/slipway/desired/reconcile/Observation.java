package dev.slipway.desired.reconcile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Timestamps;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/// Something that was seen, as it becomes a Kubernetes Event. The same thing seen again has the same key, so that it
/// is counted instead of told twice, also after a restart.
///
/// @param type `Normal` or `Warning`
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ Event
record Observation(Involved about, String type, String reason, String message, Instant at) {
    static final GroupResource EVENTS = GroupResource.core("events");
    private static final int LONGEST_NAME = 230;
    private static final int LONGEST_MESSAGE = 1024;
    private static final int HASH_BYTES = 8;

    Observation {
        message = message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE - 3) + "...";
    }

    ObjectKey key() {
        String name = about.name().substring(0, Math.min(about.name().length(), LONGEST_NAME));
        return new ObjectKey(EVENTS, namespace(), name + "." + hash());
    }

    /// The event when it is seen for the first time.
    ApiObject first(EventSource source) {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.put("apiVersion", "v1").put("kind", "Event");
        String name = key().name();
        tree.putObject("metadata")
                .put("name", name)
                .put("namespace", namespace())
                .put(
                        "uid",
                        UUID.nameUUIDFromBytes((name + at).getBytes(StandardCharsets.UTF_8))
                                .toString())
                .put("creationTimestamp", Timestamps.seconds(at));
        involve(tree.putObject("involvedObject"));
        tree.put("type", type).put("reason", reason).put("message", message);
        tree.putObject("source").put("component", source.component()).put("host", source.host());
        tree.put("reportingComponent", source.component()).put("reportingInstance", source.host());
        tree.put("firstTimestamp", Timestamps.seconds(at)).put("lastTimestamp", Timestamps.seconds(at));
        return ApiObject.of(tree.put("count", 1));
    }

    /// The stored event when it is seen once more.
    ApiObject again(ApiObject stored) {
        ObjectNode tree = stored.copyTree();
        tree.put("lastTimestamp", Timestamps.seconds(at));
        return ApiObject.of(tree.put("count", tree.path("count").asInt() + 1));
    }

    private String namespace() {
        return about.namespace().isEmpty() ? "default" : about.namespace();
    }

    private void involve(ObjectNode reference) {
        reference.put("apiVersion", about.apiVersion()).put("kind", about.kind());
        if (!about.namespace().isEmpty()) {
            reference.put("namespace", about.namespace());
        }
        reference.put("name", about.name());
        if (!about.uid().isEmpty()) {
            reference.put("uid", about.uid());
        }
        if (!about.fieldPath().isEmpty()) {
            reference.put("fieldPath", about.fieldPath());
        }
    }

    private String hash() {
        try {
            String identity = String.join(
                    "\0", about.kind(), about.name(), about.uid(), about.fieldPath(), type, reason, message);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
