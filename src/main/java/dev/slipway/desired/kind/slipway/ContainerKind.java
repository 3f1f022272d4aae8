package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Ulimit;
import dev.slipway.desired.kind.kubernetes.ContainerRules;
import dev.slipway.desired.kind.kubernetes.CpuList;
import dev.slipway.desired.kind.kubernetes.IgnoredPodFields;
import dev.slipway.desired.kind.kubernetes.NetworkRules;
import dev.slipway.desired.kind.kubernetes.PodAnnotationRules;
import dev.slipway.desired.kind.kubernetes.PodDefaults;
import dev.slipway.desired.kind.kubernetes.ResourceRules;
import dev.slipway.desired.kind.kubernetes.Signals;
import dev.slipway.desired.kind.kubernetes.UserRules;
import dev.slipway.desired.kind.kubernetes.VolumeRules;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.ContainerSpec;
import dev.slipway.desired.model.ContainerStatus;
import dev.slipway.desired.model.DurationText;
import dev.slipway.desired.model.OwnUsers;
import java.util.List;
import java.util.Locale;
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
    public Class<?> statusModel() {
        return ContainerStatus.class;
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
                Column.computed("State", "What the container is doing.", (object, now) -> object.status()
                                .path("phase")
                                .asText("Pending"))
                        .from(".status.phase"),
                OwnKind.ready(),
                Column.number("Restarts", "How often it was restarted.", (object, now) -> object.status()
                                .path("restartCount")
                                .asInt())
                        .from(".status.restartCount"),
                Column.computed("Image", "What it runs.", (object, now) -> image(object))
                        .from(".spec.image"),
                Column.AGE,
                Column.textOrNone("IP", "Its address.", "/status/podIPs/0/ip").wide(),
                Column.computed(
                                "Layer",
                                "What it has written to its root, where that is counted.",
                                (object, now) -> OwnKind.bytes(
                                        object.status().path("storageLayer").path("usedBytes")))
                        .from(".status.storageLayer.usedBytes")
                        .wide(),
                Column.textOrNone("Pid", "Its first process, on the host.", "/status/pid")
                        .wide(),
                Column.computed(
                                "Digest",
                                "The image that it runs.",
                                (object, now) ->
                                        OwnKind.shortDigest(object.status().path("image")))
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
        if (spec.path("network") instanceof ObjectNode network) {
            put(network, "mode", "Bridge");
        }
        spec.path("volumes").forEach(volume -> PodDefaults.completeVolume((ObjectNode) volume));
        for (JsonNode dependency : spec.path("dependsOn")) {
            put((ObjectNode) dependency, "kind", "Container");
            put((ObjectNode) dependency, "condition", "Ready");
        }
        ObjectNode stop = spec.withObject("/stop");
        if (!stop.hasNonNull("gracePeriodSeconds")) {
            stop.put("gracePeriodSeconds", 30);
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        PodAnnotationRules.moment(
                Place.of(object, "metadata", findings).at("annotations"), PodAnnotationRules.earlier(before));
        Place spec = Place.of(object, "spec", findings);
        spec.exactlyOneOf(List.of("image", "imageFrom"));
        spec.at("image").reads(ImageNames::reference);
        Place from = spec.at("imageFrom");
        if (from.isThere()) {
            from.at("kind").oneOf(List.of("Image", "Tag"));
            from.at("name").requireReads(Names::subdomain);
        }
        spec.at("desiredState").oneOf(List.of("Running", "Stopped", "Paused"));
        spec.at("restartPolicy").oneOf(List.of("Always", "OnFailure", "Never"));
        spec.at("maxRestarts").notNegative();
        if (spec.at("restartPolicy").text().equals("Never")) {
            spec.at("maxRestarts").holds(false, "cannot be set when restartPolicy is Never");
        }
        Place stay = spec.at("ttlAfterFinished");
        stay.holds(DurationText.parse(stay.text()).isPresent(), "must be a length of time like 90s or 1h30m");
        spec.at("imageVolumes").oneOf(List.of("Persist", "Ephemeral", "Ignore"));
        spec.at("imageHealthcheck").oneOf(List.of("Follow", "Ignore"));
        spec.at("stop").at("signal").reads(Signals::faults);
        users(spec);
        NetworkRules.excludesHost(spec.at("network"), spec.value());
        NetworkRules.mode(spec.at("network").at("mode"), spec.value());
        NetworkRules.address(
                spec.at("network").at("address"), spec.at("network").at("mode"));
        Place sizeLimit = spec.at("storageLayer").at("sizeLimit");
        if (sizeLimit.isThere()) {
            ResourceRules.quantity(sizeLimit);
        }
        spec.at("cpuset").reads(CpuList::faults);
        ulimits(spec.at("ulimits"));
        if (spec.at("hostPID").value().asBoolean() && spec.at("init").value().asBoolean()) {
            spec.at("init").invalid("cannot be true together with hostPID");
        }
        spec.at("stop").at("gracePeriodSeconds").notNegative();
        dependencies(object, spec.at("dependsOn"));
        ContainerRules.whole(spec, VolumeRules.validate(spec.at("volumes")), !OwnUsers.isWanted(spec.value()));
    }

    private static void users(Place spec) {
        Place users = spec.at("userNamespace");
        Place mode = users.at("mode");
        mode.oneOf(List.of("Auto", "Fixed", "Host"));
        List<String> obstacles = OwnUsers.obstacles(spec.value());
        if (List.of("Auto", "Fixed").contains(mode.text()) && !obstacles.isEmpty()) {
            mode.invalid("cannot be %s together with %s".formatted(mode.text(), String.join(", ", obstacles)));
        }
        Place first = users.at("hostID");
        if (mode.text().equals("Fixed") && !first.isThere()) {
            first.required("must be set when mode is Fixed");
        } else if (!mode.text().equals("Fixed") && first.isThere()) {
            first.invalid("can only be set when mode is Fixed");
        }
        UserRules.range(first, users.at("size"));
        if (users.at("size").isThere() && !OwnUsers.isWanted(spec.value())) {
            users.at("size").invalid("cannot be set with the host's users");
        }
    }

    private static void ulimits(Place limits) {
        limits.uniqueBy("name");
        for (Place limit : limits.items()) {
            if (limit.at("name").require()) {
                limit.at("name").oneOf(Ulimit.NAMES);
            }
            if (!limit.at("soft").isThere()) {
                limit.at("soft").required("");
                continue;
            }
            long soft = limit.at("soft").value().asLong();
            long hard = limit.at("hard").value().asLong(soft);
            limit.at("soft").holds(soft >= -1 && soft < Ulimit.END, "must be a number, or -1 for none");
            limit.at("hard")
                    .holds(
                            hard >= -1 && hard < Ulimit.END && new Ulimit("", soft, hard).isInOrder(),
                            "must not be less than soft");
        }
    }

    private static void dependencies(ApiObject object, Place dependencies) {
        dependencies.uniqueBy("name");
        for (Place dependency : dependencies.items()) {
            dependency.at("kind").oneOf(List.of("Container"));
            dependency.at("condition").oneOf(List.of("Started", "Ready", "Complete"));
            dependency.at("name").requireReads(Names::subdomain);
            dependency
                    .at("name")
                    .holds(!dependency.at("name").text().equals(object.name()), "must not be the Container itself");
        }
    }

    @Override
    public List<String> ignoredFields(ApiObject object) {
        return IgnoredPodFields.ofContainer(object.spec(), "spec");
    }

    @Override
    public List<String> warnings(ApiObject object) {
        List<String> causes = OwnUsers.hindrances(object.spec());
        return causes.isEmpty()
                ? List.of()
                : List.of("spec.userNamespace: runs as the users of the host, because of " + String.join(", ", causes)
                        + "; mode: Host says that this is meant");
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
