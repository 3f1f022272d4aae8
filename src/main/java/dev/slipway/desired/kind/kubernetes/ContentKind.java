package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `ConfigMap` and `Secret`: named pieces of data.
///
/// @spec https://kubernetes.io/docs/concepts/configuration/secret/ Kubernetes: Secrets
public final class ContentKind implements Kind {
    private static final int MOST_BYTES = 1024 * 1024;
    private static final String DOCKER_CONFIG = ".dockerconfigjson";
    private static final String OMITTED = "<value omitted>";

    /// Keys that a Secret of a type must have.
    private static final Map<String, List<String>> KEYS_OF_TYPE = Map.of(
            "kubernetes.io/dockerconfigjson", List.of(DOCKER_CONFIG),
            "kubernetes.io/dockercfg", List.of(".dockercfg"),
            "kubernetes.io/ssh-auth", List.of("ssh-privatekey"),
            "kubernetes.io/tls", List.of("tls.crt", "tls.key"));

    private final KindName name;
    private final boolean secret;

    private ContentKind(KindName name, boolean secret) {
        this.name = name;
        this.secret = secret;
    }

    public static Kind configMap() {
        return new ContentKind(
                new KindName("", "v1", "ConfigMap", "configmaps", List.of("cm"), Scope.NAMESPACED), false);
    }

    public static Kind secret() {
        return new ContentKind(new KindName("", "v1", "Secret", "secrets", List.of(), Scope.NAMESPACED), true);
    }

    @Override
    public KindName name() {
        return name;
    }

    @Override
    public Class<?> model() {
        return secret ? Secret.class : ConfigMap.class;
    }

    @Override
    public boolean hasStatus() {
        return false;
    }

    @Override
    public List<String> contentFields() {
        return List.of();
    }

    @Override
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        if (secret) {
            columns.add(Column.text("Type", "Used to facilitate programmatic handling of secret data.", "/type"));
        }
        columns.add(Column.number(
                "Data",
                "Number of entries.",
                (object, now) -> object.tree().path("data").size()
                        + object.tree().path("binaryData").size()));
        columns.add(Column.AGE);
        return columns;
    }

    @Override
    public void complete(ObjectNode object) {
        if (!secret) {
            return;
        }
        if (!object.has("type")) {
            object.put("type", "Opaque");
        }
        if (object.path("stringData") instanceof ObjectNode texts) {
            ObjectNode data = object.withObject("/data");
            texts.properties()
                    .forEach(entry ->
                            data.put(entry.getKey(), base64(entry.getValue().asText())));
            object.remove("stringData");
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        long bytes = 0;
        for (String field : List.of("data", "binaryData")) {
            for (Place entry : Place.of(object, field, findings).entries()) {
                Names.configKey(entry.name()).forEach(fault -> findings.invalid(entry.path(), entry.name(), fault));
                boolean isEncoded = secret || field.equals("binaryData");
                if (isEncoded && !isBase64(entry.text())) {
                    findings.invalid(entry.path(), OMITTED, "must be base64");
                }
                if (field.equals("binaryData") && object.tree().path("data").has(entry.name())) {
                    findings.invalid(entry.path(), entry.name(), "duplicate of key present in data");
                }
                bytes += isEncoded ? entry.text().length() * 3L / 4 : utf8Length(entry.text());
            }
        }
        if (bytes > MOST_BYTES) {
            findings.tooLong("data", MOST_BYTES);
        }
        if (secret) {
            keysOfType(object, findings);
        }
        if (before != null) {
            immutable(object, before, findings);
        }
    }

    private static void keysOfType(ApiObject object, Findings findings) {
        JsonNode data = object.tree().path("data");
        for (String key : KEYS_OF_TYPE.getOrDefault(object.tree().path("type").asText(), List.of())) {
            if (!data.has(key)) {
                findings.required("data[" + key + "]");
            }
        }
        String docker = data.path(DOCKER_CONFIG).asText();
        if (object.tree().path("type").asText().equals("kubernetes.io/dockerconfigjson")
                && isBase64(docker)
                && !isJson(Base64.getDecoder().decode(docker))) {
            findings.invalid("data[" + DOCKER_CONFIG + "]", OMITTED, "must be JSON");
        }
    }

    private static void immutable(ApiObject object, ApiObject before, Findings findings) {
        if (!object.tree().path("type").equals(before.tree().path("type"))) {
            findings.invalid("type", object.tree().path("type").asText(), "field is immutable");
        }
        boolean sealed = before.tree().path("immutable").asBoolean();
        for (String field : List.of("data", "binaryData", "immutable")) {
            if (sealed && !object.tree().path(field).equals(before.tree().path(field))) {
                findings.forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isJson(byte[] bytes) {
        try {
            return ObjectCodec.json().readTree(bytes).isObject();
        } catch (IOException e) {
            return false;
        }
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
