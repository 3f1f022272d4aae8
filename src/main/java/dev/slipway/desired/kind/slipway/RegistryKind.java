package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.RegistrySpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Registry`: how an upstream registry is reached.
final class RegistryKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Registry", "registries", "reg", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return RegistrySpec.class;
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Host", "As in image references.", "/spec/host"),
                Column.number("Mirrors", "Asked before the host.", (object, now) -> object.spec()
                        .path("mirrors")
                        .size()),
                OwnKind.ready(),
                Column.AGE);
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        if (object.spec().path("host").asText().isEmpty()) {
            findings.required("spec.host");
        }
        JsonNode mirrors = object.spec().path("mirrors");
        for (int i = 0; i < mirrors.size(); i++) {
            String endpoint = mirrors.get(i).path("endpoint").asText();
            if (!endpoint.matches("https?://[^/\\s]+/?")) {
                findings.invalid("spec.mirrors[" + i + "].endpoint", endpoint, "must be a URL like https://host:port");
            }
        }
        JsonNode credentials = object.spec().path("credentials");
        for (int i = 0; i < credentials.size(); i++) {
            if (credentials.get(i).path("secretRef").path("name").asText().isEmpty()) {
                findings.required("spec.credentials[" + i + "].secretRef.name");
            }
        }
    }
}
