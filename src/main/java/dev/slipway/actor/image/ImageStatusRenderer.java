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
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Durations;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.HistoryEntry;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.signature.Verdict;
import dev.slipway.engine.snapshot.LayerFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says in the status of an Image how it stands. Pure.
final class ImageStatusRenderer {
    static final String VERIFIED = "Verified";
    private static final String WASTED_SPACE = "WastedSpace";
    private static final String UNUSED_SINCE = "unusedSince";

    /// What is hidden of an image is worth a word from here on: a tenth of it, and no less than a mebibyte.
    private static final long HIDDEN_SHARE = 10;
    private static final long LEAST_HIDDEN_BYTES = 1 << 20;

    private ImageStatusRenderer() {}

    /// What there is to say.
    ///
    /// @param usedBy null where no image is shown
    /// @param progress of a pull that runs, or null
    /// @param facts of the layers of a shown image; empty where they are not known
    /// @param shared the images that have a layer, too, by name
    /// @param isNeeded whether something else than the object itself needs the image
    /// @param verdict on the signature of what the object names, or null
    record Report(
            ImageAction action,
            ImageStatus.@Nullable UsedBy usedBy,
            ImageStatus.@Nullable Progress progress,
            List<LayerFacts> facts,
            Map<DiffId, List<String>> shared,
            boolean isNeeded,
            @Nullable Verdict verdict) {
        Report {
            facts = List.copyOf(facts);
            shared = Map.copyOf(shared);
        }
    }

    /// What a status that shows the image says of its layers; empty if it shows another, or does not say.
    static List<LayerFacts> facts(JsonNode status, LocalImage image) {
        List<LayerFacts> facts = new ArrayList<>();
        status.path("layers").forEach(layer -> {
            if (layer.path("bytes").isNumber() && layer.path("hiddenBytes").isNumber()) {
                facts.add(new LayerFacts(
                        layer.path("bytes").asLong(),
                        layer.path("whiteouts").asInt(),
                        layer.path("hiddenBytes").asLong()));
            }
        });
        boolean isSame = status.path("digest").asText().equals(image.digest().value());
        return isSame && facts.size() == image.layers().size() ? facts : List.of();
    }

    /// The status that shall be. What an earlier image was like stays until another one takes its place; conditions
    /// that say the same again keep their times.
    static ObjectNode render(ApiObject object, Report report, Instant now) {
        ObjectNode status = object.status() instanceof ObjectNode before
                ? before.deepCopy()
                : ObjectCodec.json().createObjectNode();
        JsonNode conditions = status.path("conditions");
        if (report.action() instanceof ImageAction.Show show) {
            status = ObjectCodec.toTree(of(show.image(), report));
            if (!conditions.isMissingNode()) {
                status.set("conditions", conditions);
            }
        }
        if (report.action() instanceof ImageAction.Collect) {
            status.retain("conditions");
        }
        status.put("observedGeneration", object.generation());
        unused(status, object.status(), report, now);
        status.remove("progress");
        if (report.progress() != null) {
            status.set("progress", ObjectCodec.toTree(report.progress()));
        }
        if (report.usedBy() != null) {
            status.set("usedBy", ObjectCodec.toTree(report.usedBy()));
        }
        boolean wasReady = object.status().path("observedGeneration").asLong() == object.generation()
                && Conditions.isTrue(object.status(), "Ready");
        List<Condition> all = new ArrayList<>(conditions(report.action(), wasReady));
        all.addAll(steps(object, report.action(), wasReady));
        all.addAll(wastedSpace(status));
        for (Condition condition : all) {
            Conditions.set(status, condition, object.generation(), now);
        }
        boolean isAnother = !status.path("digest").equals(object.status().path("digest"));
        if (isAnother || report.action() instanceof ImageAction.Collect) {
            Conditions.remove(status, VERIFIED);
        }
        if (report.action() instanceof ImageAction.Collect) {
            Conditions.remove(status, WASTED_SPACE);
        }
        Optional<Condition> verified = verified(report, status);
        if (verified.isPresent()) {
            Conditions.set(status, verified.get(), object.generation(), now);
        }
        return status;
    }

    /// What the last look for a signature has found; empty where it was at another image than the one that is
    /// shown. A start of the engine leaves standing what was said before.
    private static Optional<Condition> verified(Report report, JsonNode status) {
        Verdict verdict = report.verdict();
        boolean shows = report.action() instanceof ImageAction.Show;
        if (verdict == null
                || shows
                        && !status.path("digest")
                                .asText()
                                .equals(verdict.image().value())
                || !shows && verdict.isSigned()) {
            return Optional.empty();
        }
        return Optional.of(
                verdict.isSigned()
                        ? Condition.yes(VERIFIED, Reason.SUCCEEDED, "")
                        : Condition.no(VERIFIED, Reason.SIGNATURE_VALIDATION_FAILED, verdict.why()));
    }

    /// Says since when nobody needs what is shown; a start of the engine does not begin anew.
    private static void unused(ObjectNode status, JsonNode before, Report report, Instant now) {
        boolean speaks =
                report.action() instanceof ImageAction.Show || report.action() instanceof ImageAction.AwaitPods;
        if (report.isNeeded() || !speaks) {
            status.remove(UNUSED_SINCE);
            return;
        }
        boolean isSame = status.path("digest").equals(before.path("digest"));
        String since = before.path(UNUSED_SINCE).asText();
        status.put(UNUSED_SINCE, isSame && !since.isEmpty() ? since : Timestamps.seconds(now));
    }

    /// @param wasReady whether it is as declared until something else is known
    private static List<Condition> conditions(ImageAction action, boolean wasReady) {
        return switch (action) {
            case ImageAction.Show show -> ready();
            case ImageAction.Pull pull -> busy("", wasReady);
            case ImageAction.Build build -> busy("", wasReady);
            case ImageAction.Take take -> busy("", wasReady);
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
            case ImageAction.Collect collect -> {
                String words =
                        "removed because it was " + collect.removal().words() + "; comes again when it is needed";
                yield List.of(
                        Condition.no("Ready", Reason.COLLECTED, words),
                        Condition.no("Reconciling", Reason.COLLECTED, ""),
                        Condition.no("Stalled", Reason.COLLECTED, ""));
            }
            case ImageAction.Rest rest -> List.of();
            case ImageAction.Release release -> List.of();
            case ImageAction.Retire retire -> List.of();
        };
    }

    /// How far an image has come: it is known what it is, its content is here, and its layers can be run from. What
    /// is there already stays so while it is made anew.
    private static List<Condition> steps(ApiObject object, ImageAction action, boolean wasReady) {
        String content = ImageObjects.isBuilt(object) ? "Built" : "Fetched";
        return switch (action) {
            case ImageAction.Show show ->
                List.of(
                        Condition.yes("Resolved", Reason.SUCCEEDED, ""),
                        Condition.yes(content, Reason.SUCCEEDED, ""),
                        Condition.yes("Unpacked", Reason.SUCCEEDED, ""));
            case ImageAction.AwaitBase base ->
                steps(Condition.no("Resolved", Reason.DEPENDENCY_NOT_READY, base.message()), content, "");
            case ImageAction.Refuse refuse ->
                steps(Condition.no("Resolved", Reason.INVALID_SPEC, refuse.message()), content, "");
            case ImageAction.BackOff backOff ->
                steps(Condition.unknown("Resolved", Reason.FAILED, ""), content, backOff.message());
            case ImageAction.AwaitPods pods ->
                steps(Condition.unknown("Resolved", Reason.NOT_FOUND, ""), content, pods.message());
            case ImageAction.Collect collect -> steps(Condition.unknown("Resolved", Reason.COLLECTED, ""), content, "");
            case ImageAction.Pull pull -> begun(content, wasReady);
            case ImageAction.Build build -> begun(content, wasReady);
            case ImageAction.Take take -> begun(content, wasReady);
            case ImageAction.Await await -> begun(content, wasReady);
            case ImageAction.InUse use -> List.of();
            case ImageAction.Rest rest -> List.of();
            case ImageAction.Release release -> List.of();
            case ImageAction.Retire retire -> List.of();
        };
    }

    private static List<Condition> begun(String content, boolean wasReady) {
        return wasReady ? List.of() : steps(Condition.unknown("Resolved", Reason.PROGRESSING, ""), content, "");
    }

    /// @param why the content is not here, if there is anything to say
    private static List<Condition> steps(Condition resolved, String content, String why) {
        String reason = why.isEmpty() ? resolved.reason() : Reason.FAILED.toString();
        return List.of(
                resolved,
                new Condition(content, Condition.Status.FALSE, reason, why),
                new Condition("Unpacked", Condition.Status.FALSE, reason, ""));
    }

    /// Whether much of the image is content that it carries and hides. Nothing is said where that is not known.
    private static List<Condition> wastedSpace(JsonNode status) {
        JsonNode hidden = status.at("/sizes/hidden");
        if (!hidden.isNumber()) {
            return List.of();
        }
        long unpacked = status.at("/sizes/unpacked").asLong();
        boolean isMuch = hidden.asLong() >= LEAST_HIDDEN_BYTES && hidden.asLong() * HIDDEN_SHARE >= unpacked;
        String words = "%d of %d bytes are hidden by layers above".formatted(hidden.asLong(), unpacked);
        return List.of(
                isMuch
                        ? Condition.yes(WASTED_SPACE, Reason.HIDDEN_CONTENT, words)
                        : Condition.no(WASTED_SPACE, Reason.SUCCEEDED, ""));
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

    private static ImageStatus of(LocalImage image, Report report) {
        Instant created = image.config().created();
        return new ImageStatus(
                null,
                null,
                image.digest().value(),
                image.descriptor().mediaType().value(),
                image.config().platform().toString(),
                created == null ? null : Timestamps.seconds(created),
                layers(image, report),
                sizes(image, report),
                config(image.config().parameters()),
                null,
                null,
                null);
    }

    private static ImageStatus.Sizes sizes(LocalImage image, Report report) {
        if (report.facts().isEmpty()) {
            return new ImageStatus.Sizes(image.packedBytes(), null, null, null, null);
        }
        long unpacked = 0;
        long unique = 0;
        long hidden = 0;
        for (int i = 0; i < report.facts().size(); i++) {
            LayerFacts facts = report.facts().get(i);
            unpacked += facts.bytes();
            unique += report.shared().containsKey(image.layers().get(i)) ? 0 : facts.bytes();
            hidden += facts.hiddenBytes();
        }
        return new ImageStatus.Sizes(image.packedBytes(), unpacked, unique, unpacked - unique, hidden);
    }

    private static List<ImageStatus.Layer> layers(LocalImage image, Report report) {
        List<String> makers = image.config().history().stream()
                .filter(entry -> !entry.emptyLayer())
                .map(HistoryEntry::createdBy)
                .toList();
        List<ImageStatus.Layer> layers = new ArrayList<>();
        for (int i = 0; i < image.layers().size(); i++) {
            LayerFacts facts = report.facts().isEmpty() ? null : report.facts().get(i);
            layers.add(new ImageStatus.Layer(
                    image.manifest().layers().get(i).digest().value(),
                    image.layers().get(i).toString(),
                    image.manifest().layers().get(i).sizeBytes(),
                    facts == null ? null : facts.bytes(),
                    makers.size() == image.layers().size() ? makers.get(i) : null,
                    facts == null ? null : facts.whiteouts(),
                    facts == null ? null : facts.hiddenBytes(),
                    report.shared().get(image.layers().get(i))));
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
                        check.startInterval().isZero() ? null : Durations.text(check.startInterval()),
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
