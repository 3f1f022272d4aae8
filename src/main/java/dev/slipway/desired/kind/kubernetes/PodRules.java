package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.CommonRules;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a pod's spec must be.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec Kubernetes: PodSpec
public final class PodRules {
    private static final List<String> RESTART_POLICIES = List.of("Always", "OnFailure", "Never");
    private static final List<String> ONLY_OF_MAIN_CONTAINERS =
            List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe");

    private PodRules() {}

    public static void validate(Place spec) {
        spec.at("containers").require();
        spec.at("restartPolicy").oneOf(RESTART_POLICIES);
        spec.at("terminationGracePeriodSeconds").notNegative();
        spec.at("activeDeadlineSeconds").between(1, Integer.MAX_VALUE);
        spec.at("nodeName").reads(text -> text.isEmpty() ? List.of() : Names.subdomain(text));
        spec.at("serviceAccountName").reads(text -> text.isEmpty() ? List.of() : Names.subdomain(text));
        CommonRules.labels(spec.at("nodeSelector"));
        if (!spec.at("ephemeralContainers").isEmpty()) {
            spec.at("ephemeralContainers").forbidden("cannot be set on create");
        }
        SecurityRules.pod(spec);
        NetworkRules.names(spec);
        NetworkRules.hostPorts(spec);
        containers(spec, VolumeRules.validate(spec.at("volumes")));
    }

    private static void containers(Place spec, Set<String> volumes) {
        Set<String> names = new HashSet<>();
        boolean hostUsers = spec.at("hostUsers").value().asBoolean(true);
        for (Place container : spec.at("initContainers").items()) {
            container(container, names, volumes, hostUsers);
            initContainer(container);
        }
        for (Place container : spec.at("containers").items()) {
            container(container, names, volumes, hostUsers);
            if (container.at("restartPolicy").isThere()) {
                container.at("restartPolicy").forbidden("may not be set for non-init containers");
            }
        }
    }

    private static void container(Place container, Set<String> names, Set<String> volumes, boolean hostUsers) {
        container.at("name").requireReads(Names::label);
        if (!container.at("name").isEmpty()) {
            container.at("name").unique(names);
        }
        container.at("image").require();
        ContainerRules.validate(container, volumes, hostUsers);
    }

    private static void initContainer(Place container) {
        container.at("restartPolicy").oneOf(List.of("Always"));
        if (!container.at("restartPolicy").isThere()) {
            container
                    .present(ONLY_OF_MAIN_CONTAINERS)
                    .forEach(each -> each.forbidden("may not be set for init containers without restartPolicy=Always"));
        }
    }
}
