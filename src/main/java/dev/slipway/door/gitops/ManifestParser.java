package dev.slipway.door.gitops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.YamlDocument;
import dev.slipway.desired.meta.YamlReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Takes the bytes of a manifest file apart: YAML documents or JSON, lists of objects into their items. Pure.
final class ManifestParser {
    private ManifestParser() {}

    /// @param path below the source's directory, for messages
    static ManifestFile parse(String path, byte[] bytes) {
        try {
            List<Declaration> declarations = new ArrayList<>();
            for (YamlDocument document : documents(path, bytes)) {
                declare(new Place(path, document, ""), document.tree(), declarations);
            }
            return new ManifestFile.Good(path, hash(bytes), declarations);
        } catch (MalformedYamlException e) {
            return bad(path, bytes, e.line(), String.valueOf(e.getMessage()));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            return bad(path, bytes, line, e.getOriginalMessage());
        } catch (MisdeclaredException e) {
            return bad(path, bytes, e.line, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return bad(path, bytes, 1, String.valueOf(e.getMessage()));
        }
    }

    /// @param path of the object in the document
    private record Place(String file, YamlDocument document, String path) {
        int line() {
            return document.lineOf(path);
        }
    }

    private static List<YamlDocument> documents(String path, byte[] bytes) throws IOException {
        if (path.endsWith(".json")) {
            JsonNode tree = ObjectCodec.json().readTree(bytes);
            return tree.isMissingNode() ? List.of() : List.of(new YamlDocument(tree, 1, Map.of()));
        }
        return YamlReader.read(bytes);
    }

    private static void declare(Place place, JsonNode tree, List<Declaration> into) throws MisdeclaredException {
        if (!(tree instanceof ObjectNode object)) {
            throw new MisdeclaredException(place.line(), "expected an object with apiVersion and kind");
        }
        String apiVersion = object.path("apiVersion").asText();
        String kind = object.path("kind").asText();
        if (apiVersion.isEmpty() || kind.isEmpty()) {
            throw new MisdeclaredException(
                    place.line(), "%s is not set".formatted(apiVersion.isEmpty() ? "apiVersion" : "kind"));
        }
        if (kind.endsWith("List") && object.path("items").isArray()) {
            int index = 0;
            for (JsonNode item : object.path("items")) {
                String path = (place.path().isEmpty() ? "" : place.path() + ".") + "items[" + index++ + "]";
                declare(new Place(place.file(), place.document(), path), item, into);
            }
            return;
        }
        if (object.path("metadata").path("name").asText().isEmpty()) {
            throw new MisdeclaredException(place.document().lineOf(place.path()), kind + ": metadata.name is not set");
        }
        into.add(new Declaration(place.file(), ApiObject.of(object), place.document(), place.path()));
    }

    private static ManifestFile.Bad bad(String path, byte[] bytes, int line, String message) {
        return new ManifestFile.Bad(
                path,
                new String(bytes, StandardCharsets.UTF_8),
                new SourceProblem(path, line, Reason.MANIFEST_INVALID, message, true));
    }

    /// SHA-256, in hexadecimal digits.
    static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// A document that is well-formed and no object.
    private static final class MisdeclaredException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int line;

        MisdeclaredException(int line, String message) {
            super(message);
            this.line = line;
        }
    }
}
