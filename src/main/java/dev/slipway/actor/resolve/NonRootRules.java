package dev.slipway.actor.resolve;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.engine.runtime.ContainerRequest;
import java.util.Optional;

/// Whether a container can keep its `runAsNonRoot`. As for the kubelet, a name that only the image knows proves
/// nothing: what runs here is to run in a cluster, too.
///
/// @spec https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ Kubernetes: Configure a
///     Security Context for a Pod or Container
public final class NonRootRules {
    private NonRootRules() {}

    /// Why it cannot, in the kubelet's words; empty if it can.
    ///
    /// @param user as the image has it: a name or a number, perhaps with `:` and a group behind it; empty for root
    public static Optional<String> broken(ApiObject pod, ContainerRequest request, String user) {
        if (!request.security().runAsNonRoot()) {
            return Optional.empty();
        }
        String name = user.replaceFirst(":.*", "");
        Optional<String> problem = request.security().runAsUser().isPresent()
                ? Optional.of("container's runAsUser breaks non-root policy")
                        .filter(_ -> request.security().runAsUser().get() == 0)
                : ofImage(name);
        return problem.map(words -> "%s (pod: \"%s_%s(%s)\", container: %s)"
                .formatted(
                        words,
                        pod.name(),
                        pod.namespace(),
                        pod.uid(),
                        request.container().name()));
    }

    private static Optional<String> ofImage(String name) {
        if (name.matches("0*")) {
            return Optional.of("container has runAsNonRoot and image will run as root");
        }
        return name.matches("\\d+")
                ? Optional.empty()
                : Optional.of(
                        "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root"
                                .formatted(name));
    }
}
