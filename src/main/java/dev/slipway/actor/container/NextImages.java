package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.image.PullPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Brings the image of a Container's next Pod here while the present one still runs: by the pull policy and the
/// credentials that the next one has, which is then told the same without another question to a registry.
///
/// @param images are asked in the name of the Container; its key is touched when there is another answer
/// @param pods what the defaults of a Pod are
record NextImages(PodImages images, Kind pods) {
    /// @param pod of the Container's name
    /// @return `image`, unless a Pod is to take the place of another and its image is not here yet
    ContainerImage prepare(ObjectKey key, ApiObject container, Optional<ApiObject> pod, ContainerImage image) {
        Optional<ApiObject> own = pod.filter(found -> ContainerPod.isOwned(found, container)
                && found.deletionTimestamp().isEmpty()
                && container.deletionTimestamp().isEmpty());
        if (own.isEmpty() || !(image instanceof ContainerImage.Known known)) {
            return image;
        }
        ObjectNode wanted = ContainerPod.of(container, known.reference());
        if (ContainerPod.isSame(own.get(), wanted)) {
            if (hasImage(own.get())) {
                forget(container);
            }
            return image;
        }
        pods.complete(wanted);
        return switch (images.ask(question(key, container, ApiObject.of(wanted)))) {
            case Answer.Present present -> image;
            case Answer.Pulling pulling ->
                new ContainerImage.Fetched(
                        Reason.PULLING.toString(), "Pulling image \"%s\"".formatted(known.reference()));
            case Answer.Failed failed -> new ContainerImage.Fetched(failed.reason(), failed.message());
        };
    }

    void forget(ApiObject container) {
        images.forget(container.uid());
    }

    private static Question question(ObjectKey key, ApiObject container, ApiObject wanted) {
        JsonNode main = wanted.spec().at("/containers/0");
        List<String> secrets = new ArrayList<>();
        wanted.spec()
                .path("imagePullSecrets")
                .forEach(secret -> secrets.add(secret.path("name").asText()));
        PullPolicy policy = PodImages.policy(main.path("imagePullPolicy").asText());
        return new Question(key, container.uid(), main.path("image").asText(), policy, secrets);
    }

    /// Whether it was told already what it runs.
    private static boolean hasImage(ApiObject pod) {
        return !pod.status().at("/containerStatuses/0/imageID").asText().isEmpty();
    }
}
