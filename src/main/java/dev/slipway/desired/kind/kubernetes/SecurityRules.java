package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What the security contexts of pods and containers must be.
final class SecurityRules {
    /// The kernel's largest id is the one before the last 32-bit number; Kubernetes stops at what a signed one
    /// holds.
    private static final long LARGEST_ID = Integer.MAX_VALUE;

    private static final List<String> HOST_NAMESPACES = List.of("hostNetwork", "hostPID", "hostIPC");
    private static final List<String> PROFILE_TYPES = List.of("Localhost", "RuntimeDefault", "Unconfined");
    private static final int LONGEST_SYSCTL = 253;
    private static final List<String> OF_IPC = List.of("kernel.shm", "kernel.msg", "fs.mqueue.");
    private static final Pattern SYSCTL =
            Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9]");

    private SecurityRules() {}

    static void pod(Place spec) {
        common(spec.at("securityContext"));
        shared(spec);
        if (!spec.at("hostUsers").value().asBoolean(true)) {
            HOST_NAMESPACES.stream()
                    .map(spec::at)
                    .filter(field -> field.value().asBoolean())
                    .forEach(field -> field.forbidden("when `hostUsers` is false"));
        }
        if (spec.at("shareProcessNamespace").value().asBoolean()
                && spec.at("hostPID").value().asBoolean()) {
            spec.at("shareProcessNamespace").invalid("ShareProcessNamespace and HostPID cannot both be enabled");
        }
    }

    /// What holds for all containers of a pod; in a container that is an object of its own, too.
    static void shared(Place spec) {
        Place context = spec.at("securityContext");
        context.at("fsGroup").between(0, LARGEST_ID);
        context.at("supplementalGroups").items().forEach(group -> group.between(0, LARGEST_ID));
        context.at("supplementalGroupsPolicy").oneOf(List.of("Merge", "Strict"));
        context.at("fsGroupChangePolicy").oneOf(List.of("Always", "OnRootMismatch"));
        sysctls(spec, context.at("sysctls"));
    }

    private static void sysctls(Place spec, Place sysctls) {
        Set<String> names = new HashSet<>();
        for (Place sysctl : sysctls.items()) {
            Place name = sysctl.at("name");
            if (!name.require()) {
                continue;
            }
            if (name.text().length() > LONGEST_SYSCTL
                    || !SYSCTL.matcher(name.text()).matches()) {
                name.invalid("must have at most %d characters and match regex %s".formatted(LONGEST_SYSCTL, SYSCTL));
            } else {
                namespaced(spec, name);
            }
            name.unique(names);
        }
    }

    /// What is not a namespace's own is the host's, and no pod's to set.
    private static void namespaced(Place spec, Place name) {
        String dotted = name.text().replace('/', '.');
        if (dotted.startsWith("net.")) {
            name.holds(!spec.at("hostNetwork").value().asBoolean(), "may not be specified when 'hostNetwork' is true");
        } else if (OF_IPC.stream().anyMatch(dotted::startsWith) || dotted.equals("kernel.sem")) {
            name.holds(!spec.at("hostIPC").value().asBoolean(), "may not be specified when 'hostIPC' is true");
        } else {
            name.forbidden("forbidden sysctl: \"%s\" not allowlisted: it is not of a namespace".formatted(name.text()));
        }
    }

    static void procMount(Place context, boolean hostUsers) {
        Place mount = context.at("procMount");
        mount.oneOf(List.of("Default", "Unmasked"));
        if (hostUsers && mount.text().equals("Unmasked")) {
            mount.invalid("`hostUsers` must be false to use `Unmasked`");
        }
    }

    static void container(Place context) {
        common(context);
        if (!context.at("allowPrivilegeEscalation").isThere()
                || context.at("allowPrivilegeEscalation").value().asBoolean()) {
            return;
        }
        if (context.at("privileged").value().asBoolean()) {
            context.findings()
                    .invalid(
                            context.path(),
                            "",
                            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        for (Place capability : context.at("capabilities").at("add").items()) {
            if (List.of("CAP_SYS_ADMIN", "SYS_ADMIN").contains(capability.text())) {
                context.findings()
                        .invalid(
                                context.path(),
                                "",
                                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }

    private static void common(Place context) {
        context.at("runAsUser").between(0, LARGEST_ID);
        context.at("runAsGroup").between(0, LARGEST_ID);
        profile(context.at("seccompProfile"), "seccomp");
        context.at("seccompProfile").at("localhostProfile").staysBelow();
        profile(context.at("appArmorProfile"), "AppArmor");
        Place appArmor = context.at("appArmorProfile").at("localhostProfile");
        appArmor.holds(appArmor.text().equals(appArmor.text().strip()), "must not be padded with whitespace");
    }

    /// @param system whose profile it is, as in messages
    private static void profile(Place profile, String system) {
        if (!profile.isThere()) {
            return;
        }
        if (profile.at("type").isEmpty()) {
            profile.at("type").required("type is required when %s is set".formatted(profile.name()));
            return;
        }
        profile.at("type").oneOf(PROFILE_TYPES);
        Place local = profile.at("localhostProfile");
        if (!profile.at("type").text().equals("Localhost")) {
            local.holds(false, "can only be set when %s type is Localhost".formatted(system));
        } else if (local.isEmpty()) {
            local.required("must be set when %s type is Localhost".formatted(system));
        }
    }
}
