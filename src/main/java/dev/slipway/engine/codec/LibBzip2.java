package dev.slipway.engine.codec;

import jnr.ffi.Pointer;

/// The decoder of bzip2. Public only because its implementation is generated in another class loader.
///
/// @spec https://sourceware.org/bzip2/manual/manual.html#decompress-init bzip2 and libbzip2: BZ2_bzDecompressInit
public interface LibBzip2 {
    /// `sizeof(bz_stream)`, all zeros at first, and where its fields are that callers use.
    int STREAM_BYTES = 80;

    int NEXT_IN = 0;
    int AVAIL_IN = 8;
    int NEXT_OUT = 24;
    int AVAIL_OUT = 32;

    /// Results that are no failures.
    int OK = 0;

    int STREAM_END = 4;

    /// @param small whether to take less memory, and twice the time
    int BZ2_bzDecompressInit(Pointer stream, int verbosity, int small);

    int BZ2_bzDecompress(Pointer stream);

    int BZ2_bzDecompressEnd(Pointer stream);
}
