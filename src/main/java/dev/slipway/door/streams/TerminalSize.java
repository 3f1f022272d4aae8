package dev.slipway.door.streams;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.Optional;

/// The size of a client's terminal, in characters.
record TerminalSize(int rows, int columns) {
    private static final int LARGEST = 0xffff;

    /// Reads `{"Width": 80, "Height": 24}`.
    ///
    /// @return empty for a size that no terminal has
    /// @throws IOException when it is not readable
    static Optional<TerminalSize> parse(byte[] message) throws IOException {
        try {
            JsonNode size = ObjectCodec.readObject(message);
            int rows = size.path("Height").asInt();
            int columns = size.path("Width").asInt();
            return rows > 0 && rows <= LARGEST && columns > 0 && columns <= LARGEST
                    ? Optional.of(new TerminalSize(rows, columns))
                    : Optional.empty();
        } catch (JacksonException e) {
            throw new IOException("the terminal's size is not readable: " + e.getOriginalMessage(), e);
        }
    }
}
