package dev.slipway.engine.runtime;

import dev.slipway.engine.launch.AppArmorHost;
import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.ImageUsers;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.launch.SeccompProfiles;
import dev.slipway.engine.launch.Stdio;
import dev.slipway.engine.oci.RunParameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What an image says about running it, overridden by what the request says: the process to execute. Pure, but for
/// [ImageUsers], which has read the image's files before, and [SeccompProfiles].
///
/// @spec https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/ Kubernetes: Define
///     a
///     Command and Arguments for a Container
final class ProcessResolver {
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int USUAL_UMASK = 022;

    private ProcessResolver() {}

    /// @param profiles directory of the seccomp profiles that people wrote
    /// @param hostname of the pod, for the process' `HOSTNAME`
    /// @throws IllegalArgumentException when request and image do not make a process; the message is for the user
    static ProcessSpec resolve(ContainerRequest request, ImageUsers users, String hostname, Path profiles) {
        RunParameters image = request.image().config().parameters();
        ImageUsers.Resolved user = user(request.security(), image, users);
        return new ProcessSpec(
                argv(request, image),
                env(request, image, user.home().orElse("/"), hostname),
                workingDir(request, image),
                user.identity(),
                privileges(request.security(), profiles),
                request.resources().rare().ofProcess().stream()
                        .map(limit -> new ResourceLimit(
                                ResourceLimit.Resource.valueOf(limit.resource()), limit.soft(), limit.hard()))
                        .toList(),
                USUAL_UMASK,
                request.resources().oomScoreAdj(),
                stdio(request.stdio()));
    }

    /// Command replaces entrypoint and drops cmd; args replace cmd.
    static List<String> argv(ContainerRequest request, RunParameters image) {
        List<String> argv = new ArrayList<>(request.command().isEmpty() ? image.entrypoint() : request.command());
        if (!request.args().isEmpty()) {
            argv.addAll(request.args());
        } else if (request.command().isEmpty()) {
            argv.addAll(image.cmd());
        }
        if (argv.isEmpty()) {
            throw new IllegalArgumentException(
                    "no command specified: neither the image nor the container says what to run");
        }
        return argv;
    }

    private static List<String> env(ContainerRequest request, RunParameters image, String home, String hostname) {
        Map<String, String> byName = new LinkedHashMap<>();
        put(byName, DEFAULT_PATH);
        put(byName, "HOSTNAME=" + hostname);
        put(byName, "HOME=" + home);
        if (request.stdio().terminal()) {
            put(byName, "TERM=xterm");
        }
        image.env().forEach(line -> put(byName, line));
        request.env().forEach(line -> put(byName, line));
        return List.copyOf(byName.values());
    }

    private static void put(Map<String, String> byName, String line) {
        int equals = line.indexOf('=');
        // A line without a name or an equals sign is an image's nonsense; execve would pass it on, nobody could read
        // it.
        if (equals > 0 && line.indexOf('\0') < 0) {
            byName.put(line.substring(0, equals), line);
        }
    }

    private static String workingDir(ContainerRequest request, RunParameters image) {
        String chosen = request.workingDir().isEmpty() ? image.workingDir() : request.workingDir();
        return chosen.startsWith("/") ? chosen : "/" + chosen;
    }

    private static ImageUsers.Resolved user(ContainerRequest.Security security, RunParameters image, ImageUsers users) {
        ImageUsers.Resolved resolved =
                users.resolve(security.runAsUser().map(Object::toString).orElse(image.user()));
        Identity identity = resolved.identity();
        int gid = security.runAsGroup().map(Math::toIntExact).orElse(identity.gid());
        List<Integer> groups = new ArrayList<>(security.strictGroups() ? List.of() : identity.groups());
        security.supplementalGroups().stream()
                .map(Math::toIntExact)
                .filter(group -> !groups.contains(group))
                .forEach(groups::add);
        if (security.runAsNonRoot() && identity.uid() == 0) {
            throw new IllegalArgumentException("container has runAsNonRoot and image will run as root");
        }
        return new ImageUsers.Resolved(new Identity(identity.uid(), gid, groups), resolved.home());
    }

    static Privileges privileges(ContainerRequest.Security security, Path profiles) {
        if (security.privileged()) {
            return Privileges.privileged();
        }
        Set<Capability> capabilities = EnumSet.copyOf(Capability.STANDARD);
        security.capabilitiesDrop()
                .forEach(name -> named(name).ifPresentOrElse(capabilities::remove, capabilities::clear));
        Set<Capability> added = EnumSet.noneOf(Capability.class);
        for (String name : security.capabilitiesAdd()) {
            named(name).ifPresentOrElse(added::add, () -> added.addAll(EnumSet.allOf(Capability.class)));
        }
        capabilities.addAll(added);
        return new Privileges(
                capabilities,
                added,
                !security.allowPrivilegeEscalation(),
                switch (security.seccomp()) {
                    case ContainerRequest.Security.Seccomp.Unconfined unconfined -> SeccompProfile.UNCONFINED;
                    case ContainerRequest.Security.Seccomp.RuntimeDefault standard -> SeccompProfile.RUNTIME_DEFAULT;
                    case ContainerRequest.Security.Seccomp.Localhost(String file) ->
                        SeccompProfiles.compile(profiles, file, capabilities);
                },
                appArmor(security.appArmor(), AppArmorHost.THIS));
    }

    static Optional<String> appArmor(ContainerRequest.Security.AppArmor wanted, AppArmorHost host) {
        return switch (wanted) {
            case ContainerRequest.Security.AppArmor.WherePossible usual -> host.usual();
            case ContainerRequest.Security.AppArmor.Unconfined unconfined -> Optional.empty();
            case ContainerRequest.Security.AppArmor.RuntimeDefault standard ->
                Optional.of(host.require(AppArmorHost.DEFAULT_PROFILE));
            case ContainerRequest.Security.AppArmor.Localhost(String profile) -> Optional.of(host.require(profile));
        };
    }

    /// The capability, or empty for `ALL`.
    private static Optional<Capability> named(String name) {
        String bare = name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", "");
        if (bare.equals("ALL")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Capability.valueOf(bare));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("unknown capability: " + name, e);
        }
    }

    private static Stdio stdio(ContainerRequest.Stdio stdio) {
        return new Stdio(stdio.stdin(), stdio.stdinOnce(), stdio.terminal());
    }
}
