package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.ServerRefusedException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;

/// Asks for objects one by one: one that is not there is told, and does not keep the others from being shown.
final class Missing {
    private final PrintStream err;
    private final boolean isIgnored;
    private boolean isThere;

    /// @param isIgnored whether to be missing is no failure, and not told
    Missing(PrintStream err, boolean isIgnored) {
        this.err = err;
        this.isIgnored = isIgnored;
    }

    @FunctionalInterface
    interface Question {
        JsonNode ask() throws IOException;
    }

    /// @return empty when it is missing
    Optional<JsonNode> ask(Question question) throws IOException {
        try {
            return Optional.of(question.ask());
        } catch (ServerRefusedException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            if (!isIgnored) {
                isThere = true;
                err.println("slipway: " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    /// Whether one was missing.
    boolean isThere() {
        return isThere;
    }
}
