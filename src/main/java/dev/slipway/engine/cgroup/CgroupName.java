package dev.slipway.engine.cgroup;

import dev.slipway.engine.id.PodUid;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names the cgroup of a pod, or of one container in it.
///
/// @param container a safe file name, for instance `web.0`; empty for the pod's own, which holds those of its
///     containers
public record CgroupName(PodUid pod, Optional<String> container) {
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,127}");

    public CgroupName {
        container.filter(name -> !GRAMMAR.matcher(name).matches()).ifPresent(name -> {
            throw new IllegalArgumentException("cgroup name is not of the form %s: %s".formatted(GRAMMAR, name));
        });
    }

    public static CgroupName of(PodUid pod) {
        return new CgroupName(pod, Optional.empty());
    }

    public static CgroupName of(PodUid pod, String container) {
        return new CgroupName(pod, Optional.of(container));
    }

    Path below(Path parent) {
        Path directory = parent.resolve(pod.value());
        return container.map(directory::resolve).orElse(directory);
    }

    @Override
    public String toString() {
        return container.map(name -> pod + "/" + name).orElse(pod.value());
    }
}
