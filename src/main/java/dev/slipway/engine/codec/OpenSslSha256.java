package dev.slipway.engine.codec;

import java.security.MessageDigest;
import jnr.ffi.Pointer;

/// SHA-256 by OpenSSL. For one thread.
final class OpenSslSha256 extends MessageDigest {
    private static final int DIGEST_BYTES = 32;
    private static final int BUFFER_BYTES = 1 << 16;

    private final LibCrypto crypto;
    private final Pointer context;
    private final Pointer buffer;
    private int buffered;

    OpenSslSha256(HostLibrary<LibCrypto> library) {
        super("SHA-256");
        crypto = library.functions();
        context = library.memory(LibCrypto.SHA256_CTX_BYTES);
        buffer = library.memory(BUFFER_BYTES);
        engineReset();
    }

    @Override
    protected int engineGetDigestLength() {
        return DIGEST_BYTES;
    }

    @Override
    protected void engineUpdate(byte input) {
        engineUpdate(new byte[] {input}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, BUFFER_BYTES - buffered);
            buffer.put(buffered, input, offset + done, count);
            buffered += count;
            done += count;
            if (buffered == BUFFER_BYTES) {
                flush();
            }
        }
    }

    @Override
    protected byte[] engineDigest() {
        flush();
        require(crypto.SHA256_Final(buffer, context));
        byte[] digest = new byte[DIGEST_BYTES];
        buffer.get(0, digest, 0, DIGEST_BYTES);
        engineReset();
        return digest;
    }

    @Override
    protected void engineReset() {
        buffered = 0;
        require(crypto.SHA256_Init(context));
    }

    private void flush() {
        require(crypto.SHA256_Update(context, buffer, buffered));
        buffered = 0;
    }

    private static void require(int result) {
        if (result != 1) {
            throw new IllegalStateException("OpenSSL refuses to compute SHA-256");
        }
    }
}
