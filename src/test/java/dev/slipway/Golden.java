package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.YamlDocument;
import dev.slipway.desired.meta.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Documents in, documents out: a folder for a test class, in it a folder for each case. `-Dgolden.write` writes what
/// comes out; whoever does that reads the difference before committing it.
public final class Golden {
    private static final Path ROOT = Path.of("src/test/resources");

    private Golden() {}

    /// The cases of a test class, in order of their names.
    public static List<Case> cases(Class<?> test) throws IOException {
        Path folder =
                ROOT.resolve(test.getName().substring("dev.slipway.".length()).replace('.', '/'));
        try (Stream<Path> cases = Files.list(folder)) {
            return cases.sorted().map(path -> new Case(path, new TreeSet<>())).toList();
        }
    }

    /// One case; knows which of its files were used.
    public record Case(Path folder, Set<Path> used) {
        /// The documents of a file that must be there.
        public List<ObjectNode> documents(String file) throws IOException, MalformedYamlException {
            Path path = folder.resolve(file);
            used.add(path);
            return YamlReader.read(Files.readAllBytes(path)).stream()
                    .map(YamlDocument::tree)
                    .map(ObjectNode.class::cast)
                    .toList();
        }

        public ObjectNode document(String file) throws IOException, MalformedYamlException {
            return documents(file).getFirst();
        }

        /// The document of a file that may be missing.
        public Optional<ObjectNode> optional(String file) throws IOException, MalformedYamlException {
            return Files.exists(folder.resolve(file)) ? Optional.of(document(file)) : Optional.empty();
        }

        /// Compares what came out with the file, and fails when the case has files that nobody used.
        public void expect(String file, JsonNode actual) throws IOException {
            expect(file, ObjectCodec.yaml().writeValueAsString(actual));
        }

        public void expect(String file, String actual) throws IOException {
            Path path = folder.resolve(file);
            used.add(path);
            if (System.getProperty("golden.write") != null) {
                Files.writeString(path, actual);
            }
            assertTrue(Files.exists(path), path + " is missing; -Dgolden.write writes it");
            assertEquals(Files.readString(path), actual, path.toString());
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(
                        Set.of(),
                        Set.copyOf(files.filter(each -> !used.contains(each)).toList()),
                        "unused files");
            }
        }

        @Override
        public String toString() {
            return folder.getFileName().toString().replace('-', ' ');
        }
    }
}
