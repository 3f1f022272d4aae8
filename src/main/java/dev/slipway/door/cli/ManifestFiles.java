package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.YamlDocument;
import dev.slipway.desired.meta.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The objects of `-f FILE|DIR|-`: YAML documents or JSON, `List`s taken apart, in the order of file names.
final class ManifestFiles {
    private ManifestFiles() {}

    /// @throws IOException also when there is not a single object: the wrong directory must not look like success
    static List<ApiObject> read(List<String> sources) throws IOException {
        List<ApiObject> objects = new ArrayList<>();
        for (String source : sources) {
            if (source.equals("-")) {
                parse("standard input", System.in.readAllBytes(), objects);
            } else {
                for (Path file : files(Path.of(source))) {
                    parse(file.toString(), Files.readAllBytes(file), objects);
                }
            }
        }
        if (objects.isEmpty() && !sources.isEmpty()) {
            throw new IOException("no objects in " + String.join(", ", sources));
        }
        return objects;
    }

    private static List<Path> files(Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new NoSuchFileException(source.toString(), null, "no such file or directory");
        }
        if (!Files.isDirectory(source)) {
            return List.of(source);
        }
        try (Stream<Path> found = Files.walk(source)) {
            return found.filter(file -> file.toString().matches(".*\\.(ya?ml|json)") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
    }

    private static void parse(String name, byte[] bytes, List<ApiObject> objects) throws IOException {
        try {
            for (YamlDocument document : YamlReader.read(bytes)) {
                add(name, document.tree(), objects);
            }
        } catch (MalformedYamlException e) {
            throw new IOException("%s:%d: %s".formatted(name, e.line(), e.getMessage()), e);
        }
    }

    private static void add(String name, JsonNode document, List<ApiObject> objects) throws IOException {
        if (document.isNull() || document.isMissingNode()) {
            return;
        }
        if (!(document instanceof ObjectNode object)) {
            throw new IOException(name + ": a document is not an object");
        }
        if (object.path("kind").asText().equals("List")) {
            for (JsonNode item : object.path("items")) {
                add(name, item, objects);
            }
            return;
        }
        if (object.path("kind").asText().isEmpty()
                || object.path("apiVersion").asText().isEmpty()) {
            throw new IOException(name + ": a document has no apiVersion or kind");
        }
        objects.add(ApiObject.of(object));
    }
}
