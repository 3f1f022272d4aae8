package dev.slipway.door.streams;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.http.StatusDocuments;

/// How a session ended, as a `Status`.
final class SessionStatus {
    private SessionStatus() {}

    /// A client's exit code is that of the process.
    static byte[] exited(int code) {
        if (code == 0) {
            return ended();
        }
        ObjectNode status = StatusDocuments.failure(
                500, "NonZeroExitCode", "command terminated with non-zero exit code: exit status " + code);
        status.remove("code");
        status.putObject("details")
                .putArray("causes")
                .addObject()
                .put("reason", "ExitCode")
                .put("message", Integer.toString(code));
        return ObjectCodec.toBytes(status);
    }

    static byte[] ended() {
        return ObjectCodec.toBytes(StatusDocuments.success());
    }

    static byte[] failed(String message) {
        return ObjectCodec.toBytes(StatusDocuments.failure(500, "InternalError", message));
    }
}
