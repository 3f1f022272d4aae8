package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A port of the host that a pod needs has another user; it may be free later.
public final class PortTakenException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient PortMapping wanted;
    private final transient @Nullable PodUid pod;

    private PortTakenException(PortMapping wanted, @Nullable PodUid pod, String holder) {
        super(words(wanted, holder));
        this.wanted = wanted;
        this.pod = pod;
    }

    static PortTakenException by(PodUid pod, PortMapping wanted) {
        return new PortTakenException(wanted, pod, "pod " + pod);
    }

    static PortTakenException byProcess(PortMapping wanted) {
        return new PortTakenException(wanted, null, "a process of the host");
    }

    /// The message, in which a pod has the name that people know it by, where there is one.
    public String message(Function<PodUid, Optional<String>> names) {
        return Optional.ofNullable(pod)
                .flatMap(names)
                .map(name -> words(wanted, "pod " + name))
                .orElseGet(() -> String.valueOf(getMessage()));
    }

    private static String words(PortMapping wanted, String holder) {
        return "map host port %s:%d/%s: already in use by %s"
                .formatted(wanted.hostAddress(), wanted.hostPort(), wanted.protocol(), holder);
    }
}
