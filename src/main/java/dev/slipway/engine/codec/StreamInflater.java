package dev.slipway.engine.codec;

import java.util.zip.DataFormatException;

/// Inflates one deflate stream after another, as far as input was given. For one thread; closing frees memory outside
/// the heap.
///
/// @spec https://www.rfc-editor.org/rfc/rfc1951 RFC 1951: DEFLATE
public interface StreamInflater extends AutoCloseable {
    /// How far [#unread] may reach back behind what was given last.
    int MOST_HELD_BYTES = 8;

    /// The fastest that this host has.
    static StreamInflater fastest() {
        return IsalInflater.open().orElseGet(ZlibInflater::new);
    }

    /// Begins a stream.
    void reset();

    /// Gives more input, after all that was given before has been used. Not copied: valid until it is used.
    void input(byte[] bytes, int offset, int length);

    /// Inflates up to `length` bytes.
    ///
    /// @return how many bytes came; 0 at the end of the stream, or when more input is needed
    /// @throws DataFormatException when the stream is damaged
    int inflate(byte[] bytes, int offset, int length) throws DataFormatException;

    /// Whether the stream is at its end.
    boolean isAtEnd();

    /// How many of the bytes that were given lie behind the end of the stream.
    int unread();

    @Override
    void close();
}
