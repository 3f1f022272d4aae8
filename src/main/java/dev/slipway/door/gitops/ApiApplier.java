package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.api.Written;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Applies through the one door to the store: declarations obey the rules that requests over HTTP do, and unknown
/// fields are refused.
public final class ApiApplier implements Applier {
    private static final String DEFAULT_NAMESPACE = "default";
    private static final Pattern UNKNOWN_FIELD = Pattern.compile("unknown field \"([^\"]+)\"");

    private final ObjectApi api;

    public ApiApplier(ObjectApi api) {
        this.api = api;
    }

    @Override
    public Optional<ObjectKey> keyOf(ApiObject declared) {
        String namespace = declared.namespace().isEmpty() ? DEFAULT_NAMESPACE : declared.namespace();
        return kindOf(declared).map(kind -> Kinds.key(kind, namespace, declared.name()));
    }

    @Override
    public Optional<String> meant(String kind) {
        return api.kinds().meant(kind);
    }

    @Override
    public ApplyOutcome apply(ApiObject declared, String manager) {
        Kind kind =
                kindOf(declared).orElseThrow(() -> new IllegalArgumentException("unknown kind: " + declared.kind()));
        ObjectKey key = keyOf(declared).orElseThrow();
        long before = version(key);
        try {
            WriteOptions options = new WriteOptions(manager, "", WriteOptions.FieldValidation.STRICT, false, true, "");
            Written written = api.patch(kind, key, new Patch.Apply(declared.tree()), options);
            boolean changed = written.object().resourceVersion() != before;
            return new ApplyOutcome.Applied(written.object(), changed, written.warnings());
        } catch (ApiException e) {
            return outcome(e);
        }
    }

    @Override
    public DeleteOutcome delete(ObjectKey key) {
        Kind kind = api.kinds().find(key.resource()).orElse(null);
        if (kind == null) {
            return new DeleteOutcome.Failed("the server does not have a resource type \"" + key.resource() + "\"");
        }
        try {
            api.delete(kind, key, Deletion.PLAIN);
            return new DeleteOutcome.Deleted();
        } catch (ApiException e) {
            return e.reason().equals("NotFound") ? new DeleteOutcome.Deleted() : new DeleteOutcome.Failed(message(e));
        }
    }

    private Optional<Kind> kindOf(ApiObject declared) {
        return api.kinds().find(declared.apiVersion(), declared.kind());
    }

    private long version(ObjectKey key) {
        return api.store().get(key).map(ApiObject::resourceVersion).orElse(0L);
    }

    /// Only what the declaration itself breaks is its fault: `BadRequest` and `Invalid`.
    private static ApplyOutcome outcome(ApiException refusal) {
        return switch (refusal.code()) {
            case 400, 422 -> new ApplyOutcome.Refused(message(refusal), field(refusal));
            default -> new ApplyOutcome.Failed(message(refusal));
        };
    }

    private static String field(ApiException refusal) {
        for (JsonNode cause : refusal.toStatus().path("details").path("causes")) {
            return cause.path("field").asText();
        }
        Matcher unknown = UNKNOWN_FIELD.matcher(message(refusal));
        return unknown.find() ? unknown.group(1) : "";
    }

    private static String message(ApiException refusal) {
        return String.valueOf(refusal.getMessage());
    }
}
