package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import java.util.regex.Pattern;

/// One container of one pod, whatever the attempt.
///
/// @param name a DNS label: 1 to 63 of `a-z 0-9 -`
public record ContainerName(PodUid pod, String name) {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public ContainerName {
        if (!LABEL.matcher(name).matches()) {
            throw new IllegalArgumentException("container name is not a DNS label: " + name);
        }
    }

    @Override
    public String toString() {
        return pod + "/" + name;
    }
}
