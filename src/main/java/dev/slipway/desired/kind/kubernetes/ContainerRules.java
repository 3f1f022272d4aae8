package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What one container must be, in a pod or as an object of its own.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container Kubernetes: Container
public final class ContainerRules {
    static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final List<String> MESSAGE_POLICIES = List.of("FallbackToLogsOnError", "File");
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final List<String> PROPAGATIONS = List.of("Bidirectional", "HostToContainer", "None");

    private ContainerRules() {}

    /// @param volumes names that mounts may use
    /// @param hostUsers whether its users are the host's
    public static void validate(Place container, Set<String> volumes, boolean hostUsers) {
        Place image = container.at("image");
        image.holds(image.text().equals(image.text().strip()), "must not have leading or trailing whitespace");
        container.at("imagePullPolicy").oneOf(PULL_POLICIES);
        container.at("terminationMessagePolicy").oneOf(MESSAGE_POLICIES);
        ports(container.at("ports"));
        EnvironmentRules.validate(container);
        mounts(container, volumes);
        resources(container);
        ProbeRules.validate(container);
        SecurityRules.container(container.at("securityContext"));
        SecurityRules.procMount(container.at("securityContext"), hostUsers);
    }

    /// One that is an object of its own, and so says for itself what Kubernetes says in the pod.
    public static void whole(Place container, Set<String> volumes, boolean hostUsers) {
        NetworkRules.names(container);
        SecurityRules.shared(container);
        validate(container, volumes, hostUsers);
    }

    /// What it may use, and how that changes.
    static void resources(Place container) {
        ResourceRules.validate(container.at("resources"));
        container.at("resizePolicy").uniqueBy("resourceName");
        for (Place policy : container.at("resizePolicy").items()) {
            policy.at("resourceName").oneOf(List.of("cpu", "memory"));
            policy.at("restartPolicy").oneOf(List.of("NotRequired", "RestartContainer"));
        }
    }

    private static void ports(Place ports) {
        ports.uniqueBy("name");
        for (Place port : ports.items()) {
            port.at("name").reads(text -> text.isEmpty() ? List.of() : Names.port(text));
            if (port.at("containerPort").value().asLong() == 0) {
                port.at("containerPort").required("");
            } else {
                port.at("containerPort").between(1, 65535);
            }
            if (port.at("hostPort").value().asLong() != 0) {
                port.at("hostPort").between(1, 65535);
            }
            port.at("hostIP")
                    .holds(
                            port.at("hostIP").isEmpty()
                                    || Addresses.isAddress(port.at("hostIP").text()),
                            Addresses.RULE);
            port.at("protocol").oneOf(PROTOCOLS);
        }
    }

    private static void recursion(Place mount) {
        Place recursive = mount.at("recursiveReadOnly");
        recursive.oneOf(List.of("Disabled", "Enabled", "IfPossible"));
        if (!recursive.isThere() || recursive.text().equals("Disabled")) {
            return;
        }
        if (!mount.at("readOnly").value().asBoolean()) {
            recursive.forbidden("may only be specified when readOnly is true");
        }
        if (!mount.at("mountPropagation").isEmpty()
                && !mount.at("mountPropagation").text().equals("None")) {
            recursive.forbidden("may only be specified when mountPropagation is None or not specified");
        }
    }

    private static void mounts(Place container, Set<String> volumes) {
        Set<String> targets = new HashSet<>();
        for (Place mount : container.at("volumeMounts").items()) {
            Place name = mount.at("name");
            if (name.require() && !volumes.contains(name.text())) {
                Findings findings = name.findings();
                findings.notFound(name.path(), name.text());
            }
            Place target = mount.at("mountPath");
            if (target.require()) {
                target.holds(targets.add(target.text()), "must be unique");
            }
            mount.at("subPath").staysBelow();
            mount.at("subPathExpr").staysBelow();
            if (!mount.at("subPath").isEmpty() && !mount.at("subPathExpr").isEmpty()) {
                mount.at("subPathExpr").invalid("subPathExpr and subPath are mutually exclusive");
            }
            mount.at("mountPropagation").oneOf(PROPAGATIONS);
            recursion(mount);
            boolean privileged =
                    container.at("securityContext").at("privileged").value().asBoolean();
            if (mount.at("mountPropagation").text().equals("Bidirectional") && !privileged) {
                mount.at("mountPropagation")
                        .forbidden("Bidirectional mount propagation is available only to privileged containers");
            }
        }
    }
}
