package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.ServerRefusedException;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import java.io.IOException;

/// Manifest objects against the engine: what is there, and server-side apply.
///
/// @param namespace for namespaced objects that name none
/// @spec https://kubernetes.io/docs/reference/using-api/server-side-apply/ Kubernetes: Server-Side Apply
record Applied(EngineClient engine, Resources resources, String namespace) {
    private static final String APPLY = "application/apply-patch+yaml";

    /// The object as the engine has it, or a missing node.
    JsonNode live(ApiObject object) throws IOException {
        try {
            return engine.json(path(object));
        } catch (ServerRefusedException e) {
            if (e.isNotFound()) {
                return MissingNode.getInstance();
            }
            throw e;
        }
    }

    /// @param options query parameters, each with `&` in front
    JsonNode apply(ApiObject object, String options) throws IOException {
        String path = path(object) + "?fieldManager=slipway-cli&fieldValidation=Strict" + options;
        return engine.exchange("PATCH", path, EngineClient.Content.of(APPLY, ObjectCodec.toBytes(object.tree())));
    }

    String words(ApiObject object) throws IOException {
        return resource(object).words(object.name());
    }

    private String path(ApiObject object) throws IOException {
        String in = object.namespace().isEmpty() ? namespace : object.namespace();
        return resource(object).object(in, object.name());
    }

    private Resource resource(ApiObject object) throws IOException {
        return resources.serving(object.apiVersion(), object.kind());
    }
}
