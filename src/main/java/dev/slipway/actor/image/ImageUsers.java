package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Who uses which image at one moment. A pod uses what its containers were made from and have mounted, what its spec
/// pins, and what it was promised; a Volume what it was promised, until it has been filled; a Container what its
/// storage layer stands on.
///
/// @param users by manifest digest, as `pods/<namespace>/<name>` and the like
record ImageUsers(Map<Digest, Set<User>> users) {
    static final ImageUsers NONE = new ImageUsers(Map.of());

    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

    /// @param kind `Pod`, `Volume` or `Container`
    record User(String kind, String namespace, String name) {
        @Override
        public String toString() {
            return kind + " " + namespace + "/" + name;
        }
    }

    /// @param promised what pods, Containers and Volumes were told to use and may not show yet, by uid
    static ImageUsers of(ObjectStore store, Images images, Function<String, Set<Digest>> promised) {
        Map<Digest, Set<User>> users = new HashMap<>();
        for (ApiObject pod : store.list(ImageObjects.PODS, "").items()) {
            Set<Digest> digests = new HashSet<>(promised.apply(pod.uid()));
            mentioned(pod).forEach(digests::add);
            digests.forEach(digest -> add(users, images, digest, pod));
        }
        for (ApiObject volume : store.list(ImageObjects.VOLUMES, "").items()) {
            promised.apply(volume.uid()).forEach(digest -> add(users, images, digest, volume));
        }
        for (ApiObject container : store.list(ImageObjects.CONTAINERS, "").items()) {
            promised.apply(container.uid()).forEach(digest -> add(users, images, digest, container));
            digest(container.status().path("image").path("digest").asText())
                    .ifPresent(digest -> add(users, images, digest, container));
        }
        return new ImageUsers(users);
    }

    private static void add(Map<Digest, Set<User>> users, Images images, Digest digest, ApiObject object) {
        Digest manifest = images.find(digest).map(LocalImage::digest).orElse(digest);
        users.computeIfAbsent(manifest, key -> new HashSet<>())
                .add(new User(object.kind(), object.namespace(), object.name()));
    }

    /// The digests that a pod's status and spec name.
    static List<Digest> mentioned(ApiObject pod) {
        List<Digest> digests = new ArrayList<>();
        statuses(pod).forEach(status -> {
            digest(status.path("imageID").asText()).ifPresent(digests::add);
            status.path("volumeMounts").forEach(mount -> digest(
                            mount.at("/volumeStatus/image/imageRef").asText())
                    .ifPresent(digests::add));
        });
        images(pod).forEach(image -> digest(image).ifPresent(digests::add));
        return digests;
    }

    /// The images that a pod's containers and volumes name.
    static List<String> images(ApiObject pod) {
        List<String> images = new ArrayList<>();
        pod.spec().path("volumes").forEach(volume -> {
            if (volume.path("image").isObject()) {
                images.add(volume.at("/image/reference").asText());
            }
        });
        for (String field : List.of("initContainers", "containers", "ephemeralContainers")) {
            pod.spec()
                    .path(field)
                    .forEach(container -> images.add(container.path("image").asText()));
        }
        return images;
    }

    /// The full names among the images that a pod's containers name.
    static List<Reference> names(ApiObject pod) {
        return images(pod).stream()
                .map(ImageObjects::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Stream<JsonNode> statuses(ApiObject pod) {
        List<JsonNode> statuses = new ArrayList<>();
        for (String field : List.of("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")) {
            pod.status().path(field).forEach(statuses::add);
        }
        return statuses.stream();
    }

    private static Optional<Digest> digest(String text) {
        Matcher matcher = DIGEST.matcher(text);
        return matcher.find() ? Digest.parse(matcher.group()) : Optional.empty();
    }

    Set<User> of(Digest digest) {
        return users.getOrDefault(digest, Set.of());
    }

    int pods(Digest digest) {
        return (int)
                of(digest).stream().filter(user -> user.kind().equals("Pod")).count();
    }

    boolean isUsed(Digest digest) {
        return users.containsKey(digest);
    }

    /// Also by the digest of an index that it was chosen from.
    boolean isUsed(LocalImage image) {
        return isUsed(image.digests());
    }

    /// @param digests of one image: its manifest's, and those of its indexes
    boolean isUsed(Collection<Digest> digests) {
        return !Collections.disjoint(users.keySet(), digests);
    }
}
