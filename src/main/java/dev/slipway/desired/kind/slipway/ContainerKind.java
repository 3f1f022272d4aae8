package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.kubernetes.ContainerRules;
import dev.slipway.desired.kind.kubernetes.IgnoredPodFields;
import dev.slipway.desired.kind.kubernetes.PodDefaults;
import dev.slipway.desired.kind.kubernetes.VolumeRules;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.ContainerSpec;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `Container`: one container with Docker's life.
final class ContainerKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Container", "containers", "ctr", Scope.NAMESPACED);
    }

    @Override
    public Class<?> model() {
        return ContainerSpec.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("slipway.dev/container");
    }

    @Override
    public List<String> categories() {
        return List.of("all", "slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("State", "What the container is doing.", "/status/phase"),
                OwnKind.ready(),
                Column.number("Restarts", "How often it was restarted.", (object, now) -> object.status()
                        .path("restartCount")
                        .asInt()),
                Column.computed("Image", "What it runs.", (object, now) -> image(object)),
                Column.AGE,
                Column.text("IP", "Its address.", "/status/podIPs/0/ip").wide(),
                Column.text("Pid", "Its first process, on the host.", "/status/pid")
                        .wide(),
                Column.text("Digest", "The image that it runs.", "/status/image/digest")
                        .wide());
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        put(spec, "desiredState", "Running");
        put(spec, "restartPolicy", "Always");
        put(spec, "imageVolumes", "Persist");
        put(spec, "dnsPolicy", "ClusterFirst");
        PodDefaults.completeContainer(spec);
        spec.path("volumes").forEach(volume -> PodDefaults.completeVolume((ObjectNode) volume));
        ObjectNode stop = spec.withObject("/stop");
        if (!stop.hasNonNull("gracePeriodSeconds")) {
            stop.put("gracePeriodSeconds", 30);
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        var spec = object.spec();
        OwnKind.exactlyOne(spec, List.of("image", "imageFrom"), "spec", findings);
        if (spec.has("imageFrom")) {
            OwnKind.oneOf(spec.path("imageFrom"), "kind", List.of("Image", "Tag"), "spec.imageFrom", findings);
            if (spec.path("imageFrom").path("name").asText().isEmpty()) {
                findings.required("spec.imageFrom.name");
            }
        }
        OwnKind.oneOf(spec, "desiredState", List.of("Running", "Stopped", "Paused"), "spec", findings);
        OwnKind.oneOf(spec, "restartPolicy", List.of("Always", "OnFailure", "Never"), "spec", findings);
        OwnKind.oneOf(spec, "imageVolumes", List.of("Persist", "Ephemeral", "Ignore"), "spec", findings);
        if (spec.path("stop").path("gracePeriodSeconds").asLong() < 0) {
            findings.invalid(
                    "spec.stop.gracePeriodSeconds",
                    spec.path("stop").path("gracePeriodSeconds").asLong(),
                    "must not be negative");
        }
        Set<String> volumes = VolumeRules.validate(spec.path("volumes"), "spec.volumes", findings);
        ContainerRules.validate(spec, "spec", volumes, findings);
    }

    @Override
    public List<String> ignoredFields(ApiObject object) {
        return IgnoredPodFields.ofContainer(object.spec(), "spec");
    }

    private static String image(ApiObject object) {
        var from = object.spec().path("imageFrom");
        return from.isObject()
                ? from.path("kind").asText("Image").toLowerCase(Locale.ROOT) + "/"
                        + from.path("name").asText()
                : object.spec().path("image").asText();
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }
}
