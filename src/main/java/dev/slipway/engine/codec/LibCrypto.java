package dev.slipway.engine.codec;

import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;

/// OpenSSL's SHA-256, whose state is the caller's memory and so needs no freeing. Public only because its
/// implementation is generated in another class loader.
///
/// @spec https://docs.openssl.org/3.0/man3/SHA256_Init/ SHA256_Init(3)
public interface LibCrypto {
    /// `sizeof(SHA256_CTX)`: eight words of state, two of length, sixteen of input, two of bookkeeping.
    int SHA256_CTX_BYTES = 112;

    int SHA256_Init(Pointer context);

    int SHA256_Update(Pointer context, Pointer bytes, @size_t long length);

    int SHA256_Final(Pointer digest, Pointer context);
}
