package dev.slipway.engine.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What AppArmor is on this host: a kernel may not have it, and has only the profiles that somebody has loaded.
///
/// @param sys where sysfs is, usually `/sys`
/// @spec https://kubernetes.io/docs/tutorials/security/apparmor/ Kubernetes: Restrict a Container's Access to Resources
///     with AppArmor
public record AppArmorHost(Path sys) {
    /// The profile of containers that want the engine's own.
    public static final String DEFAULT_PROFILE = "slipway-default";

    public static final AppArmorHost THIS = new AppArmorHost(Path.of("/sys"));

    private static final String REFUSAL = "Cannot enforce AppArmor: ";

    /// @return the profile, which is loaded
    /// @throws IllegalArgumentException when it cannot be enforced; the message, the kubelet's, is for the user
    public String require(String profile) {
        if (!isEnabled()) {
            throw new IllegalArgumentException(REFUSAL + "AppArmor is not enabled on the host");
        }
        if (!isLoaded(profile)) {
            throw new IllegalArgumentException(REFUSAL + "profile \"%s\" is not loaded".formatted(profile));
        }
        return profile;
    }

    /// The engine's own profile, where there is AppArmor and somebody has loaded it.
    public Optional<String> usual() {
        return isEnabled() && isLoaded(DEFAULT_PROFILE) ? Optional.of(DEFAULT_PROFILE) : Optional.empty();
    }

    private boolean isEnabled() {
        Path switched = sys.resolve("module/apparmor/parameters/enabled");
        return Files.exists(switched) && read(switched).startsWith("Y");
    }

    /// Lines read `name (enforce)`; a name may have spaces in it.
    private boolean isLoaded(String profile) {
        Path profiles = sys.resolve("kernel/security/apparmor/profiles");
        return Files.exists(profiles)
                && read(profiles).lines().anyMatch(line -> line.startsWith(profile + " (") && line.endsWith(")"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(REFUSAL + "read %s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
