package dev.slipway.desired.meta;

import java.io.IOException;

/// A text that is no YAML, or YAML that no JSON document can hold.
public final class MalformedYamlException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int line;

    /// @param line of the text, 1 for the first
    MalformedYamlException(int line, String message) {
        super(message);
        this.line = line;
    }

    public int line() {
        return line;
    }
}
