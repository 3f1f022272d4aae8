package dev.slipway.door.openapi;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.openapi.PathWriter.Subject;
import java.lang.ref.SoftReference;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The OpenAPI v3 documents of this engine, one for each group and version.
///
/// Made when a client first asks; kubectl asks once, keeps the document under its hash and asks again only when that
/// changes. Of each document only the hash is kept for good; the bytes are given back when memory is short.
/// Thread-safe.
///
/// @spec https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3 Kubernetes: OpenAPI V3
public final class OpenApi {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Kinds kinds;
    private final String version;
    private final Map<String, String> hashes = new ConcurrentHashMap<>();
    private final Map<String, SoftReference<byte[]>> documents = new ConcurrentHashMap<>();

    /// @param version the engine's
    public OpenApi(Kinds kinds, String version) {
        this.kinds = kinds;
        this.version = version;
    }

    /// Which documents there are, and the hash that each has now.
    public ObjectNode index() {
        ObjectNode index = JSON.objectNode();
        ObjectNode paths = index.putObject("paths");
        for (String root : roots().keySet()) {
            paths.putObject(root).put("serverRelativeURL", "/openapi/v3/" + root + "?hash=" + hash(root));
        }
        return index;
    }

    /// The document of `api/v1` or `apis/<group>/<version>`.
    public Optional<byte[]> document(String root) {
        if (!roots().containsKey(root)) {
            return Optional.empty();
        }
        SoftReference<byte[]> kept = documents.get(root);
        byte[] document = kept == null ? null : kept.get();
        if (document == null) {
            document = ObjectCodec.toBytes(write(roots().getOrDefault(root, List.of())));
            documents.put(root, new SoftReference<>(document));
        }
        return Optional.of(document);
    }

    /// What changes when the document of `root` does.
    public String hash(String root) {
        return hashes.computeIfAbsent(root, key -> sha256(document(key).orElseGet(() -> new byte[0])));
    }

    private Map<String, List<Kind>> roots() {
        Map<String, List<Kind>> roots = new TreeMap<>();
        for (Kind kind : kinds.all()) {
            roots.merge(root(kind.name()), List.of(kind), OpenApi::joined);
        }
        return roots;
    }

    private static List<Kind> joined(List<Kind> some, List<Kind> more) {
        List<Kind> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private static String root(KindName name) {
        return name.group().isEmpty() ? "api/" + name.version() : "apis/" + name.apiVersion();
    }

    private ObjectNode write(List<Kind> members) {
        ObjectNode document = JSON.objectNode().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Slipway").put("version", version);
        PathWriter paths = new PathWriter(document.putObject("paths"));
        SchemaWriter schemas = new SchemaWriter();
        for (Kind kind : members) {
            KindName name = kind.name();
            ObjectNode schema = schemas.object(kind);
            Subject subject = new Subject(
                    "/" + root(name), SchemaWriter.groupVersionKind(name), name.plural(), name.isNamespaced(), schema);
            paths.write(subject, kind.hasStatus());
        }
        ObjectNode components = document.putObject("components").putObject("schemas");
        schemas.schemas().forEach(components::set);
        return document;
    }

    private static String sha256(byte[] document) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(document));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
