package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A port of the host or an address that a pod needs has another user; it may be free later.
public final class TakenException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String attempt;
    private final transient @Nullable PodUid pod;

    private TakenException(String attempt, @Nullable PodUid pod, String holder) {
        super(words(attempt, holder));
        this.attempt = attempt;
        this.pod = pod;
    }

    static TakenException by(PodUid pod, PortMapping wanted) {
        return new TakenException(attempt(wanted), pod, "pod " + pod);
    }

    static TakenException by(PodUid pod, Ipv4 wanted) {
        return new TakenException(attempt(wanted), pod, "pod " + pod);
    }

    static TakenException byProcess(PortMapping wanted) {
        return new TakenException(attempt(wanted), null, "a process of the host");
    }

    /// Who has it is about to be a pod, or was one until now.
    static TakenException bySomebody(Ipv4 wanted) {
        return new TakenException(attempt(wanted), null, "a pod that comes or goes");
    }

    /// The message, in which a pod has the name that people know it by, where there is one.
    public String message(Function<PodUid, Optional<String>> names) {
        return Optional.ofNullable(pod)
                .flatMap(names)
                .map(name -> words(attempt, "pod " + name))
                .orElseGet(() -> String.valueOf(getMessage()));
    }

    private static String attempt(PortMapping port) {
        return "map host port %s:%d/%s".formatted(port.hostAddress(), port.hostPort(), port.protocol());
    }

    private static String attempt(Ipv4 address) {
        return "take address " + address;
    }

    private static String words(String attempt, String holder) {
        return "%s: already in use by %s".formatted(attempt, holder);
    }
}
