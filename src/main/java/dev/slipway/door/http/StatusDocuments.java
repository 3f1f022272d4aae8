package dev.slipway.door.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// Kubernetes' `Status` documents: what clients get instead of an object when something is wrong, or gone.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ Kubernetes: Status
public final class StatusDocuments {
    private StatusDocuments() {}

    public static Reply.Document reply(RefusedException refusal) {
        ObjectNode status = failure(refusal.code(), refusal.reason(), String.valueOf(refusal.getMessage()));
        return new Reply.Document(refusal.code(), status, Reply.JSON, List.of());
    }

    public static ObjectNode failure(int code, String reason, String message) {
        ObjectNode status = status("Failure");
        return status.put("message", message).put("reason", reason).put("code", code);
    }

    public static ObjectNode success() {
        return status("Success").put("code", 200);
    }

    private static ObjectNode status(String outcome) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", outcome);
    }
}
