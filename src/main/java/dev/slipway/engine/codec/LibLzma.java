package dev.slipway.engine.codec;

import jnr.ffi.Pointer;

/// The decoder of XZ Utils. Public only because its implementation is generated in another class loader.
///
/// @spec https://github.com/tukaani-project/xz/blob/v5.4.1/src/liblzma/api/lzma/base.h lzma/base.h: lzma_stream
public interface LibLzma {
    /// `sizeof(lzma_stream)`, all zeros at first, and where its fields are that callers use.
    int STREAM_BYTES = 136;

    int NEXT_IN = 0;
    int AVAIL_IN = 8;
    int NEXT_OUT = 24;
    int AVAIL_OUT = 32;

    /// Flag: several streams one after the other are one.
    int CONCATENATED = 0x08;

    /// Actions: there is more input, and there is none.
    int RUN = 0;

    int FINISH = 3;

    /// Results that are no failures.
    int OK = 0;

    int STREAM_END = 1;

    /// Nothing could be done: there was no input, or no room.
    int BUF_ERROR = 10;

    /// @param memory most bytes that decoding may take
    int lzma_stream_decoder(Pointer stream, long memory, int flags);

    int lzma_code(Pointer stream, int action);

    void lzma_end(Pointer stream);
}
