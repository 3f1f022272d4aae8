package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.PinnedImages;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Durations;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Reads what objects say about images. Pure.
final class ImageObjects {
    static final GroupResource IMAGES = new GroupResource(OwnGroup.GROUP, "images");
    static final GroupResource TAGS = new GroupResource(OwnGroup.GROUP, "tags");
    static final GroupResource REGISTRIES = new GroupResource(OwnGroup.GROUP, "registries");
    static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");
    static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");
    static final GroupResource REPLICA_SETS = new GroupResource("apps", "replicasets");
    static final GroupResource PODS = GroupResource.core("pods");
    static final GroupResource CONFIG_MAPS = GroupResource.core("configmaps");
    static final GroupResource SECRETS = GroupResource.core("secrets");

    private static final String IMPLICIT = OwnGroup.GROUP + "/implicit";
    private static final String SHOWN_FOR = OwnGroup.GROUP + "/shown-for";
    private static final int LONGEST_STEM = 200;
    private static final int HASH_DIGITS = 8;

    private ImageObjects() {}

    static ObjectKey imageKey(String name) {
        return new ObjectKey(IMAGES, "", name);
    }

    static ObjectKey tagKey(String name) {
        return new ObjectKey(TAGS, "", name);
    }

    static boolean isBuilt(ApiObject image) {
        return image.spec().path("source").path("build").isObject();
    }

    /// Whether an Image has its content from this host, and is called as its object.
    static boolean isMadeHere(ApiObject image) {
        JsonNode source = image.spec().path("source");
        return source.has("build") || source.has("import") || source.has("commit");
    }

    static boolean isImplicit(ApiObject image) {
        return "true".equals(image.labels().get(IMPLICIT));
    }

    /// Whether an Image only shows what a Tag points at, or can go back to: it claims nothing, and goes with the
    /// content.
    static boolean isOfTag(ApiObject image) {
        return "tag".equals(image.labels().get(SHOWN_FOR));
    }

    /// Whether an Image goes when nobody has needed it for long. What people declare stays unless they say
    /// otherwise.
    static boolean mayBeCollected(ApiObject image) {
        String policy = image.spec().path("retention").path("policy").asText();
        return policy.isEmpty() ? isImplicit(image) : policy.equals("WhileReferenced");
    }

    /// How long an Image has to be unused before it goes, where it says so.
    static Optional<Duration> minimumAge(ApiObject image) {
        JsonNode age = image.spec().path("retention").path("minAge");
        return age.isTextual() ? Optional.of(Durations.parse(age.asText())) : Optional.empty();
    }

    /// Whether a declared Image was removed because nobody needed it, and has not been made present since.
    static boolean isCollected(ApiObject image) {
        return image.status().path("observedGeneration").asLong() == image.generation()
                && Conditions.find(image.status(), "Ready")
                        .filter(ready -> ready.reason().equals(Reason.COLLECTED.toString()))
                        .isPresent();
    }

    /// Where an Image comes from.
    static ImageSpec.Source source(ApiObject image) {
        ImageSpec spec = ObjectCodec.fromTree(image.spec(), ImageSpec.class);
        return Objects.requireNonNull(spec.source(), "a stored Image has a source");
    }

    /// What an Image is called on this host; empty where its spec names nothing.
    static Optional<Reference> ownName(ApiObject image) {
        JsonNode pull = image.spec().path("source").path("pull");
        return isMadeHere(image)
                ? parse(image.name())
                : parse(pull.path("reference").asText());
    }

    /// The image that a Volume is filled from when it is made; empty where it is filled from none.
    static Optional<Reference> origin(ApiObject volume) {
        return parse(volume.spec().at("/populate/fromImagePath/image").asText());
    }

    /// The same, until it has been filled.
    static Optional<Reference> awaited(ApiObject volume) {
        return origin(volume).filter(image -> !Conditions.isTrue(volume.status(), "Populated"));
    }

    /// What a Tag names.
    static Optional<Reference> tagName(ApiObject tag) {
        return parse(tag.spec().path("repository").asText() + ":"
                + tag.spec().path("tag").asText("latest"));
    }

    /// The digest that an Image or Tag has, if any.
    static Optional<Digest> digest(ApiObject object) {
        return Digest.parse(object.status().path("digest").asText());
    }

    /// Every digest that a Tag points at, may move to, or can go back to.
    static Set<Digest> history(ApiObject tag) {
        Set<Digest> digests = history(tag.status());
        Digest.parse(tag.spec().path("rollbackTo").asText()).ifPresent(digests::add);
        return digests;
    }

    /// The same, as far as a status tells.
    static Set<Digest> history(JsonNode status) {
        Set<Digest> digests = new HashSet<>();
        for (String field : List.of("digest", "previousDigest", "pendingDigest")) {
            Digest.parse(status.path(field).asText()).ifPresent(digests::add);
        }
        for (JsonNode entry : status.path("history")) {
            Digest.parse(entry.path("digest").asText()).ifPresent(digests::add);
        }
        return digests;
    }

    /// The digests that the pods of a set are bound to, also of one that has none now: its Deployment may return to
    /// it.
    static Set<Digest> bound(ApiObject set) {
        Set<Digest> digests = new HashSet<>();
        PinnedImages.of(set.spec().path("template")).byContainer().values().stream()
                .map(PinnedImages::digest)
                .flatMap(text -> Digest.parse(text).stream())
                .forEach(digests::add);
        return digests;
    }

    /// The digest in a status, if any.
    static Optional<Digest> parseDigest(JsonNode status) {
        return Digest.parse(status.path("digest").asText());
    }

    static Optional<Reference> parse(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Reference.parse(text));
        } catch (InvalidReferenceException e) {
            return Optional.empty();
        }
    }

    /// The object of an image that pods name. Its name tells people which; the hash keeps apart what would be
    /// spelled alike, and keeps away from names that people give.
    static ObjectNode implicit(Reference reference) {
        ObjectNode object = ObjectCodec.json().createObjectNode();
        object.put("apiVersion", OwnGroup.API_VERSION).put("kind", "Image");
        ObjectNode metadata = object.putObject("metadata").put("name", implicitName(reference));
        metadata.putObject("labels").put(IMPLICIT, "true");
        object.putObject("spec").putObject("source").putObject("pull").put("reference", reference.familiar());
        return object;
    }

    /// The object of an image that a Tag has brought.
    static ObjectNode implicitOfTag(Reference pinned) {
        ObjectNode object = implicit(pinned);
        object.withObject("/metadata/labels").put(SHOWN_FOR, "tag");
        return object;
    }

    static String implicitName(Reference reference) {
        String spelled = reference.familiar().replaceFirst("@.*", "").replaceFirst(":latest$", "");
        String stem = spelled.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
        String cut = stem.substring(0, Math.min(stem.length(), LONGEST_STEM))
                .replaceAll("\\.-|-\\.|\\.\\.+", "-")
                .replaceAll("^[.-]+|[.-]+$", "");
        String hash = Digest.sha256(reference.toString().getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, HASH_DIGITS);
        return cut.isEmpty() ? "image-" + hash : cut + "-" + hash;
    }
}
