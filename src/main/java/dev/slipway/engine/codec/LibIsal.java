package dev.slipway.engine.codec;

import jnr.ffi.Pointer;

/// igzip of Intel's Intelligent Storage Acceleration Library. Public only because its implementation is generated in
/// another class loader.
///
/// @spec https://github.com/intel/isa-l/blob/v2.30.0/include/igzip_lib.h igzip_lib.h: struct inflate_state
public interface LibIsal {
    /// `sizeof(struct inflate_state)`, and where its fields are that callers use.
    int STATE_BYTES = 87_368;

    int NEXT_OUT = 0;
    int AVAIL_OUT = 8;
    int NEXT_IN = 16;
    int AVAIL_IN = 32;

    /// Bits that were taken from the input and not used.
    int READ_IN_LENGTH = 36;

    int BLOCK_STATE = 21_160;

    /// The value of `block_state` at the end of the stream.
    int ISAL_BLOCK_FINISH = 5;

    void isal_inflate_init(Pointer state);

    /// Returns 0, or a negative number for a damaged stream.
    int isal_inflate(Pointer state);
}
