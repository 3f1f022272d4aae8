package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.model.ImageStatus;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Durations;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.HistoryEntry;
import dev.slipway.engine.oci.RunParameters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says in the status of an Image how it stands. Pure.
final class ImageStatusRenderer {
    private ImageStatusRenderer() {}

    /// What there is to say.
    ///
    /// @param usedBy null where no image is shown
    /// @param progress of a pull that runs, or null
    /// @param layerBytes what each layer of a shown image takes on disk; empty where that is not known
    record Report(
            ImageAction action,
            ImageStatus.@Nullable UsedBy usedBy,
            ImageStatus.@Nullable Progress progress,
            List<Long> layerBytes) {
        Report {
            layerBytes = List.copyOf(layerBytes);
        }
    }

    /// What a status that shows the image says of its layers; empty if it shows another, or does not say.
    static List<Long> layerBytes(JsonNode status, LocalImage image) {
        List<Long> bytes = new ArrayList<>();
        status.path("layers").forEach(layer -> {
            if (layer.path("bytes").isNumber()) {
                bytes.add(layer.path("bytes").asLong());
            }
        });
        boolean isSame = status.path("digest").asText().equals(image.digest().value());
        return isSame && bytes.size() == image.layers().size() ? bytes : List.of();
    }

    /// The status that shall be. What an earlier image was like stays until another one takes its place; conditions
    /// that say the same again keep their times.
    static ObjectNode render(ApiObject object, Report report, Instant now) {
        ObjectNode status = object.status() instanceof ObjectNode before
                ? before.deepCopy()
                : ObjectCodec.json().createObjectNode();
        JsonNode conditions = status.path("conditions");
        if (report.action() instanceof ImageAction.Show show) {
            status = ObjectCodec.toTree(of(show.image(), report.layerBytes()));
            if (!conditions.isMissingNode()) {
                status.set("conditions", conditions);
            }
        }
        status.put("observedGeneration", object.generation());
        status.remove("progress");
        if (report.progress() != null) {
            status.set("progress", ObjectCodec.toTree(report.progress()));
        }
        if (report.usedBy() != null) {
            status.set("usedBy", ObjectCodec.toTree(report.usedBy()));
        }
        boolean wasReady = object.status().path("observedGeneration").asLong() == object.generation()
                && Conditions.isTrue(object.status(), "Ready");
        for (Condition condition : conditions(report.action(), wasReady)) {
            Conditions.set(status, condition, object.generation(), now);
        }
        return status;
    }

    /// @param wasReady whether it is as declared until something else is known
    private static List<Condition> conditions(ImageAction action, boolean wasReady) {
        return switch (action) {
            case ImageAction.Show show -> ready();
            case ImageAction.Pull pull -> busy("", wasReady);
            case ImageAction.Build build -> busy("", wasReady);
            case ImageAction.Await await ->
                busy(await.doing() == null ? "" : await.doing().toString(), wasReady);
            case ImageAction.BackOff backOff ->
                List.of(
                        Condition.no("Ready", Reason.FAILED, backOff.message()),
                        Condition.yes("Reconciling", Reason.BACK_OFF, "another try follows"),
                        Condition.no("Stalled", Reason.PROGRESSING, ""));
            case ImageAction.AwaitBase base ->
                List.of(
                        Condition.no("Ready", Reason.DEPENDENCY_NOT_READY, base.message()),
                        Condition.yes("Reconciling", Reason.DEPENDENCY_NOT_READY, base.message()),
                        Condition.no("Stalled", Reason.PROGRESSING, ""));
            case ImageAction.AwaitPods pods
            when pods.message().isEmpty() ->
                List.of(
                        Condition.no("Ready", Reason.NOT_FOUND, "not on this host; a pod that names it brings it"),
                        Condition.no("Reconciling", Reason.NOT_FOUND, ""),
                        Condition.no("Stalled", Reason.NOT_FOUND, ""));
            case ImageAction.AwaitPods pods ->
                List.of(
                        Condition.no("Ready", Reason.ERR_IMAGE_PULL, pods.message()),
                        Condition.yes("Reconciling", Reason.BACK_OFF, "another try follows"),
                        Condition.no("Stalled", Reason.PROGRESSING, ""));
            case ImageAction.Refuse refuse ->
                List.of(
                        Condition.no("Ready", Reason.INVALID_SPEC, refuse.message()),
                        Condition.no("Reconciling", Reason.INVALID_SPEC, ""),
                        Condition.yes("Stalled", Reason.INVALID_SPEC, refuse.message()));
            case ImageAction.InUse use ->
                List.of(
                        Condition.no("Ready", Reason.TERMINATING, ""),
                        Condition.yes("Reconciling", Reason.IMAGE_IN_USE, inUse(use)),
                        Condition.no("Stalled", Reason.IMAGE_IN_USE, ""));
            case ImageAction.Release release -> List.of();
            case ImageAction.Retire retire -> List.of();
        };
    }

    static List<Condition> ready() {
        return List.of(
                Condition.yes("Ready", Reason.SUCCEEDED, ""),
                Condition.no("Reconciling", Reason.SUCCEEDED, ""),
                Condition.no("Stalled", Reason.SUCCEEDED, ""));
    }

    private static List<Condition> busy(String words, boolean wasReady) {
        return List.of(
                wasReady
                        ? Condition.yes("Ready", Reason.SUCCEEDED, "")
                        : Condition.no("Ready", Reason.PROGRESSING, words),
                Condition.yes("Reconciling", Reason.PROGRESSING, words),
                Condition.no("Stalled", Reason.PROGRESSING, ""));
    }

    /// Why an Image that is deleted stays for now.
    static String inUse(ImageAction.InUse use) {
        return "in use by "
                + use.users().stream().map(ImageUsers.User::toString).sorted().collect(Collectors.joining(", "));
    }

    private static ImageStatus of(LocalImage image, List<Long> bytes) {
        Instant created = image.config().created();
        return new ImageStatus(
                null,
                null,
                image.digest().value(),
                image.descriptor().mediaType().value(),
                image.config().platform().toString(),
                created == null ? null : Timestamps.seconds(created),
                layers(image, bytes),
                new ImageStatus.Sizes(image.packedBytes(), total(bytes)),
                config(image.config().parameters()),
                null,
                null);
    }

    private static @Nullable Long total(List<Long> bytes) {
        return bytes.isEmpty()
                ? null
                : bytes.stream().mapToLong(Long::longValue).sum();
    }

    private static List<ImageStatus.Layer> layers(LocalImage image, List<Long> bytes) {
        List<String> makers = image.config().history().stream()
                .filter(entry -> !entry.emptyLayer())
                .map(HistoryEntry::createdBy)
                .toList();
        List<ImageStatus.Layer> layers = new ArrayList<>();
        for (int i = 0; i < image.layers().size(); i++) {
            layers.add(new ImageStatus.Layer(
                    image.manifest().layers().get(i).digest().value(),
                    image.layers().get(i).toString(),
                    image.manifest().layers().get(i).sizeBytes(),
                    bytes.isEmpty() ? null : bytes.get(i),
                    makers.size() == image.layers().size() ? makers.get(i) : null));
        }
        return layers;
    }

    private static ImageSpec.Config config(RunParameters run) {
        return new ImageSpec.Config(
                empty(env(run.env())),
                empty(run.user()),
                empty(run.workingDir()),
                empty(run.entrypoint()),
                empty(run.cmd()),
                empty(List.copyOf(run.volumes())),
                empty(List.copyOf(run.exposedPorts())),
                empty(run.labels()),
                empty(run.stopSignal()),
                healthcheck(run.healthcheck()));
    }

    private static ImageSpec.@Nullable Healthcheck healthcheck(@Nullable Healthcheck check) {
        return check == null
                ? null
                : new ImageSpec.Healthcheck(
                        check.test(),
                        Durations.text(check.interval()),
                        Durations.text(check.timeout()),
                        Durations.text(check.startPeriod()),
                        check.retries() == 0 ? null : check.retries());
    }

    private static Map<String, String> env(List<String> env) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String variable : env) {
            int equals = variable.indexOf('=');
            values.put(
                    equals < 0 ? variable : variable.substring(0, equals),
                    equals < 0 ? "" : variable.substring(equals + 1));
        }
        return values;
    }

    private static @Nullable String empty(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable List<String> empty(List<String> list) {
        return list.isEmpty() ? null : list;
    }

    private static @Nullable Map<String, String> empty(Map<String, String> map) {
        return map.isEmpty() ? null : map;
    }
}
