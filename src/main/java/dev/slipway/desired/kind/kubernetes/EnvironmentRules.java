package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What the environment variables of a container must be.
final class EnvironmentRules {
    private static final List<String> SOURCES =
            List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef");
    private static final List<String> LISTS = List.of("configMapRef", "secretRef");
    private static final List<String> FIELDS = List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");
    private static final Pattern SUBSCRIPT = Pattern.compile("metadata\\.(labels|annotations)\\['[^']+'\\]");
    private static final Set<String> WHOLE_MAPS = Set.of("metadata.labels", "metadata.annotations");
    private static final List<String> RESOURCES = List.of(
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory");

    private EnvironmentRules() {}

    static void validate(Place container) {
        for (Place variable : container.at("env").items()) {
            variable.at("name").requireReads(Names::environmentVariable);
            if (variable.at("valueFrom").isThere()) {
                source(variable.at("valueFrom"), !variable.at("value").isEmpty());
            }
        }
        for (Place source : container.at("envFrom").items()) {
            source.at("prefix").reads(text -> text.isEmpty() ? List.of() : Names.environmentVariable(text));
            List<Place> present = source.present(LISTS);
            if (present.isEmpty()) {
                source.findings().invalid(source.path(), "", "must specify one of: `configMapRef` or `secretRef`");
            } else if (present.size() > 1) {
                source.findings().invalid(source.path(), "", "may not have more than one field specified at a time");
            }
            present.forEach(each -> each.at("name").require());
        }
    }

    private static void source(Place source, boolean hasValue) {
        List<Place> present = source.present(SOURCES);
        if (present.isEmpty()) {
            source.findings()
                    .invalid(
                            source.path(),
                            "",
                            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        } else if (hasValue) {
            source.findings().invalid(source.path(), "", "may not be specified when `value` is not empty");
        } else if (present.size() > 1) {
            source.findings().invalid(source.path(), "", "may not have more than one field specified at a time");
        }
        for (Place each : present) {
            switch (each.name()) {
                case "fieldRef" -> field(each, false);
                case "resourceFieldRef" -> resource(each);
                default -> {
                    each.at("name").require();
                    each.at("key").requireReads(Names::configKey);
                }
            }
        }
    }

    /// A reference to a field of the pod.
    ///
    /// @param intoFile whether it goes into a file, where labels and annotations fit as a whole
    static void field(Place reference, boolean intoFile) {
        Place path = reference.at("fieldPath");
        if (path.require()
                && !(intoFile && WHOLE_MAPS.contains(path.text()))
                && !SUBSCRIPT.matcher(path.text()).matches()) {
            path.oneOf(FIELDS);
        }
    }

    /// A reference to a limit or request of a container.
    static void resource(Place reference) {
        if (reference.at("resource").require()) {
            reference.at("resource").oneOf(RESOURCES);
        }
    }
}
