package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.merge.ApplyResult;
import dev.slipway.desired.merge.JsonPatches;
import dev.slipway.desired.merge.ManagedFields;
import dev.slipway.desired.merge.MergePatch;
import dev.slipway.desired.merge.PatchException;
import dev.slipway.desired.merge.ServerSideApply;
import dev.slipway.desired.merge.StrategicMerge;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes drafts of what clients send: whole objects and patches. Pure.
final class Drafts {
    private Drafts() {}

    /// Of a whole object.
    static Draft whole(Kind kind, ObjectKey key, ObjectNode sent, WriteOptions options) throws ApiException {
        ObjectNode object = sent.deepCopy();
        String pinned = object.path("metadata").path("resourceVersion").asText();
        List<String> warnings = new ArrayList<>(Admission.decode(kind, key, object, options));
        return new Draft(kind, key, object, false, pinned, warnings);
    }

    /// Of the object that a patch makes of `before`.
    ///
    /// @param before null when there is none, which only an apply allows
    static Draft patched(Target target, @Nullable ApiObject before, Patch patch, Instant now) throws ApiException {
        try {
            return switch (patch) {
                case Patch.Apply apply -> applied(target, before, object(apply.config()), now);
                case Patch.Json json -> changed(target, JsonPatches.apply(tree(target, before), json.operations()), "");
                case Patch.Merge merge ->
                    changed(target, MergePatch.apply(tree(target, before), merge.changes()), pinned(merge.changes()));
                case Patch.Strategic strategic ->
                    changed(
                            target,
                            StrategicMerge.apply(tree(target, before), object(strategic.changes())),
                            pinned(strategic.changes()));
            };
        } catch (PatchException e) {
            String message = String.valueOf(e.getMessage());
            throw patch instanceof Patch.Json ? ApiException.unprocessable(message) : ApiException.badRequest(message);
        }
    }

    /// What a patch is for.
    record Target(Kind kind, ObjectKey key, WriteOptions options) {}

    private static Draft changed(Target target, JsonNode result, String pinned) throws ApiException {
        ObjectNode object = object(result);
        List<String> warnings =
                new ArrayList<>(Admission.decode(target.kind(), target.key(), object, target.options()));
        return new Draft(target.kind(), target.key(), object, false, pinned, warnings);
    }

    private static Draft applied(Target target, @Nullable ApiObject before, ObjectNode sent, Instant now)
            throws ApiException {
        ObjectNode config = sent.deepCopy();
        String pinned = pinned(config);
        if (!config.path("metadata").path("managedFields").isMissingNode()
                && !config.path("metadata").path("managedFields").isEmpty()) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
        WriteOptions options = target.options();
        List<String> warnings = new ArrayList<>(Admission.decode(target.kind(), target.key(), config, options));
        ManagedFields.Writer writer = Writes.writer(target.kind(), options, ManagedFields.Operation.APPLY);
        ObjectNode live = before == null ? ObjectCodec.json().createObjectNode() : before.tree();
        ObjectNode declared = WriteScope.of(target.kind(), config, options);
        return switch (ServerSideApply.apply(live, declared, writer, options.force(), now)) {
            case ApplyResult.Conflicts conflicts ->
                throw ApiException.applyConflict(target.key(), conflicts.conflicts());
            case ApplyResult.Merged merged ->
                new Draft(target.kind(), target.key(), merged.object(), true, pinned, warnings);
        };
    }

    private static ObjectNode tree(Target target, @Nullable ApiObject before) throws ApiException {
        if (before == null) {
            throw ApiException.notFound(target.key());
        }
        return before.tree();
    }

    private static String pinned(JsonNode changes) {
        return changes.path("metadata").path("resourceVersion").asText();
    }

    private static ObjectNode object(JsonNode node) throws ApiException {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw ApiException.badRequest("the patch, or its result, is not an object");
    }
}
