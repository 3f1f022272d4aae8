package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.Security.AppArmor;
import dev.slipway.engine.runtime.ContainerRequest.Security.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The security context of a container: its own, and the pod's where it has no say.
///
/// @spec https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ Kubernetes: Configure a
///     Security Context for a Pod or Container
final class SecurityContexts {
    private static final String APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

    private SecurityContexts() {}

    static Security merged(ApiObject owner, JsonNode container) {
        JsonNode pod = owner.spec().path("securityContext");
        JsonNode own = container.path("securityContext");
        boolean privileged = own.path("privileged").asBoolean();
        return new Security(
                number(either(own, pod, "runAsUser")),
                number(either(own, pod, "runAsGroup")),
                either(own, pod, "runAsNonRoot").asBoolean(),
                groups(pod),
                privileged,
                privileged || own.path("allowPrivilegeEscalation").asBoolean(true),
                own.path("readOnlyRootFilesystem").asBoolean(),
                texts(own.path("capabilities").path("add")),
                texts(own.path("capabilities").path("drop")),
                privileged ? Seccomp.UNCONFINED : seccomp(either(own, pod, "seccompProfile")),
                own.path("procMount").asText().equals("Unmasked"),
                pod.path("supplementalGroupsPolicy").asText().equals("Strict"),
                privileged ? AppArmor.UNCONFINED : appArmor(owner, container));
    }

    /// The field, else the annotation that was there before it.
    private static AppArmor appArmor(ApiObject owner, JsonNode container) {
        JsonNode profile =
                either(container.path("securityContext"), owner.spec().path("securityContext"), "appArmorProfile");
        String annotation = APP_ARMOR_ANNOTATION + container.path("name").asText();
        if (profile.isObject()) {
            return switch (profile.path("type").asText()) {
                case "Unconfined" -> AppArmor.UNCONFINED;
                case "Localhost" ->
                    new AppArmor.Localhost(profile.path("localhostProfile").asText());
                default -> AppArmor.RUNTIME_DEFAULT;
            };
        }
        return switch (owner.annotations().getOrDefault(annotation, "")) {
            case "" -> AppArmor.WHERE_POSSIBLE;
            case "unconfined" -> AppArmor.UNCONFINED;
            case "runtime/default" -> AppArmor.RUNTIME_DEFAULT;
            case String other -> new AppArmor.Localhost(other.substring(other.indexOf('/') + 1));
        };
    }

    private static Seccomp seccomp(JsonNode profile) {
        return switch (profile.path("type").asText()) {
            case "Unconfined" -> Seccomp.UNCONFINED;
            case "Localhost" ->
                new Seccomp.Localhost(profile.path("localhostProfile").asText());
            default -> Seccomp.RUNTIME_DEFAULT;
        };
    }

    private static JsonNode either(JsonNode own, JsonNode pod, String field) {
        return own.hasNonNull(field) ? own.path(field) : pod.path(field);
    }

    private static Optional<Long> number(JsonNode node) {
        return node.isNumber() ? Optional.of(node.asLong()) : Optional.empty();
    }

    private static List<Long> groups(JsonNode pod) {
        List<Long> groups = new ArrayList<>();
        pod.path("supplementalGroups").forEach(node -> groups.add(node.asLong()));
        number(pod.path("fsGroup")).filter(group -> !groups.contains(group)).ifPresent(groups::add);
        return groups;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(node -> texts.add(node.asText()));
        return texts;
    }
}
