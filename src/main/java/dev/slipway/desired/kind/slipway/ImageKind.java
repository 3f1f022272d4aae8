package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.kubernetes.ResourceRules;
import dev.slipway.desired.kind.kubernetes.Signals;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.model.ImageStatus;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `Image`: immutable content, pulled, built or imported.
final class ImageKind implements Kind {
    private static final String ABSOLUTE = "must be an absolute path";
    private static final Pattern PLATFORM = Pattern.compile("[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?");
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3,4}");
    private static final Pattern OWNER =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?");
    private static final Set<String> LIMITS = Set.of("cpu", "memory");
    private static final Pattern DURATION = Pattern.compile("0|([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}(/(tcp|udp|sctp))?");

    @Override
    public KindName name() {
        return OwnKind.name("Image", "images", "img", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return ImageSpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return ImageStatus.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("slipway.dev/image");
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.computed("Reference", "Where it comes from.", (object, now) -> reference(object))
                        .from(".spec.source.pull.reference"),
                Column.computed("Digest", "Of its manifest.", (object, now) -> OwnKind.shortDigest(object.status()))
                        .from(".status.digest"),
                Column.number("Layers", "How many layers it has.", (object, now) -> object.status()
                        .path("layers")
                        .size()),
                Column.computed(
                        "Size",
                        "Of its layers, unpacked.",
                        (object, now) ->
                                OwnKind.bytes(object.status().path("sizes").path("unpacked"))),
                Column.computed(
                        "Unique",
                        "Of layers that no other image has.",
                        (object, now) ->
                                OwnKind.bytes(object.status().path("sizes").path("unique"))),
                Column.computed(
                        "Hidden",
                        "What it carries below and hides above.",
                        (object, now) ->
                                OwnKind.bytes(object.status().path("sizes").path("hidden"))),
                Column.number("Used", "Pods that run it.", (object, now) -> object.status()
                        .path("usedBy")
                        .path("pods")
                        .asInt()),
                OwnKind.ready(),
                Column.AGE);
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place source = Place.of(object, "spec", findings).at("source");
        source.exactlyOneOf(List.of("pull", "build", "import", "commit"));
        archive(source.at("import"));
        if (source.at("commit").isThere()) {
            source.at("commit").at("containerRef").at("name").requireReads(Names::subdomain);
            source.at("commit").at("containerRef").at("namespace").reads(Names::label);
        }
        if (source.at("pull").isThere()) {
            pull(source.at("pull"));
        }
        if (source.at("build").isThere()) {
            build(source.at("build"));
        }
        Place retention = Place.of(object, "spec", findings).at("retention");
        retention.at("policy").oneOf(List.of("Always", "WhileReferenced"));
        retention
                .at("minAge")
                .holds(DURATION.matcher(retention.at("minAge").text()).matches(), "must be a duration like 1m30s");
    }

    private static void archive(Place archive) {
        if (archive.isThere()) {
            if (archive.at("path").require()) {
                archive.at("path").holds(archive.at("path").text().startsWith("/"), ABSOLUTE);
            }
            if (archive.at("format").require()) {
                archive.at("format").oneOf(List.of("docker-archive", "oci-layout", "rootfs-tar"));
            }
        }
    }

    private static void pull(Place pull) {
        pull.at("reference").requireReads(ImageNames::reference);
        pull.at("platform")
                .holds(
                        PLATFORM.matcher(pull.at("platform").text()).matches(),
                        "must be <system>/<architecture>, for instance linux/arm64");
        if (pull.at("secretRef").isThere()) {
            pull.at("secretRef").at("name").requireReads(Names::subdomain);
            pull.at("secretRef").at("namespace").reads(Names::label);
        }
    }

    private static void build(Place build) {
        build.exactlyOneOf(List.of("from", "imageName", "dockerfile"));
        dockerfile(build.at("dockerfile"), build.at("steps"));
        build.at("from").reads(ImageNames::reference);
        build.at("imageName").reads(Names::subdomain);
        build.at("cache").oneOf(List.of("Local", "None"));
        limits(build);
        if (build.at("context").isThere()) {
            context(build.at("context"));
        }
        for (Place step : build.at("steps").items()) {
            step.exactlyOneOf(List.of("run", "copyFromHost", "copy", "remove", "layer", "config"));
            action(step, build.at("context"));
            config(step.at("config"));
            Place layer = step.at("layer");
            if (layer.isThere() && layer.require()) {
                for (Place action : layer.items()) {
                    action.exactlyOneOf(List.of("run", "copyFromHost", "copy", "remove"));
                    action(action, build.at("context"));
                }
            }
        }
    }

    private static void limits(Place build) {
        for (Place limit : build.at("resources").at("limits").entries()) {
            limit.holds(LIMITS.contains(limit.name()), "is none of the limits of a build: cpu and memory");
            ResourceRules.quantity(limit);
        }
        String timeout = build.at("timeout").text();
        build.at("timeout")
                .holds(
                        DURATION.matcher(timeout).matches() && timeout.matches(".*[1-9].*"),
                        "must be a duration like 1m30s, and more than 0");
    }

    private static void dockerfile(Place dockerfile, Place steps) {
        if (!dockerfile.isThere()) {
            return;
        }
        dockerfile.exactlyOneOf(List.of("inline", "path", "configMapKeyRef"));
        dockerfile.at("path").holds(dockerfile.at("path").text().startsWith("/"), ABSOLUTE);
        Place map = dockerfile.at("configMapKeyRef");
        if (map.isThere()) {
            map.at("name").requireReads(Names::subdomain);
            map.at("namespace").reads(Names::label);
            map.at("key").requireReads(Names::configKey);
        }
        if (steps.isThere()) {
            steps.forbidden("the Dockerfile says what to do");
        }
    }

    private static void context(Place context) {
        context.exactlyOneOf(List.of("directory", "configMapRef"));
        Place path = context.at("directory").at("path");
        if (context.at("directory").isThere() && path.require()) {
            path.holds(path.text().startsWith("/"), ABSOLUTE);
        }
        if (context.at("configMapRef").isThere()) {
            context.at("configMapRef").at("name").requireReads(Names::subdomain);
            context.at("configMapRef").at("namespace").reads(Names::label);
        }
    }

    private static void action(Place action, Place context) {
        if (action.at("run").isThere()) {
            action.at("run").require();
        }
        hostPaths(action.at("copyFromHost"));
        if (action.at("copy").isThere()) {
            copy(action.at("copy"), context);
        }
        Place paths = action.at("remove");
        if (paths.isThere() && paths.require()) {
            paths.items().forEach(path -> path.holds(path.text().startsWith("/"), ABSOLUTE));
        }
    }

    private static void hostPaths(Place step) {
        Place paths = step.at("paths");
        if (step.isThere() && paths.require()) {
            paths.items().forEach(path -> path.holds(path.text().startsWith("/"), ABSOLUTE));
        }
    }

    private static void copy(Place copy, Place context) {
        copy.exactlyOneOf(List.of("from", "content"));
        boolean ofImage = copy.at("image").isThere() || copy.at("imageName").isThere();
        if (ofImage) {
            copy.exactlyOneOf(List.of("image", "imageName"));
            copy.at("image").reads(ImageNames::reference);
            copy.at("imageName").reads(Names::subdomain);
            copy.at("from").require();
        } else {
            copy.at("from").staysBelow();
        }
        if (copy.at("from").isThere() && !ofImage && !context.isThere()) {
            context.required("a copy step takes from it");
        }
        if (copy.at("to").require()) {
            copy.at("to").holds(copy.at("to").text().startsWith("/"), ABSOLUTE);
        }
        copy.at("mode").holds(MODE.matcher(copy.at("mode").text()).matches(), "must be permission bits in octal");
        copy.at("chown")
                .holds(
                        OWNER.matcher(copy.at("chown").text()).matches(),
                        "must be uid, uid:gid, or names that the image has");
    }

    private static void config(Place config) {
        config.at("env").entries().forEach(variable -> Names.environmentVariable(variable.name())
                .forEach(fault -> variable.findings().invalid(variable.path(), variable.name(), fault)));
        config.at("workingDir").holds(config.at("workingDir").text().startsWith("/"), ABSOLUTE);
        config.at("volumes").items().forEach(path -> path.holds(path.text().startsWith("/"), ABSOLUTE));
        config.at("exposedPorts")
                .items()
                .forEach(port -> port.holds(PORT.matcher(port.text()).matches(), "must be like 80 or 53/udp"));
        config.at("stopSignal").reads(Signals::faults);
        healthcheck(config.at("healthcheck"));
    }

    private static void healthcheck(Place check) {
        if (check.isThere() && check.at("test").require()) {
            check.at("test").items().getFirst().oneOf(List.of("NONE", "CMD", "CMD-SHELL"));
        }
        for (String field : List.of("interval", "timeout", "startPeriod", "startInterval")) {
            check.at(field).holds(DURATION.matcher(check.at(field).text()).matches(), "must be a duration like 1m30s");
        }
        check.at("retries").notNegative();
    }

    private static String reference(ApiObject object) {
        JsonNode pull = object.spec().path("source").path("pull");
        if (pull.isObject()) {
            return pull.path("reference").asText();
        }
        JsonNode source = object.spec().path("source");
        return source.has("build") ? "<built>" : source.has("commit") ? "<committed>" : "<imported>";
    }
}
