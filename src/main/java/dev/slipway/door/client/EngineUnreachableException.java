package dev.slipway.door.client;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Nobody answers on the engine's socket.
public final class EngineUnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    EngineUnreachableException(Path socket, IOException cause) {
        super(words(socket, cause), cause);
    }

    private static String words(Path socket, IOException cause) {
        if (cause instanceof AccessDeniedException || (Files.exists(socket) && !Files.isReadable(socket))) {
            return "may not open %s: only root may talk to the engine; try sudo".formatted(socket);
        }
        return """
            no engine answers on %s.
            Start one:    slipway up DIR        applies the manifests in DIR and shows how they converge
                          slipway serve         serves until stopped (systemctl start slipway, if installed)
            Elsewhere?    --run DIR or SLIPWAY_RUN says which engine to talk to""".formatted(socket);
    }
}
