package dev.slipway.desired.kind;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// What kinds are, and what the fields of Kubernetes' classes mean. The classes carry no descriptions; these stand in
/// `descriptions.txt`,
/// which is read when somebody asks and given back when memory is short. Thread-safe.
final class Descriptions {
    private static final String RESOURCE = "descriptions.txt";
    private static volatile SoftReference<Map<String, String>> kept = new SoftReference<>(null);

    private Descriptions() {}

    /// What a field means; empty where nobody says.
    static String of(Class<?> owner, String field) {
        Map<String, String> texts = texts();
        return texts.getOrDefault(owner.getSimpleName() + "." + field, texts.getOrDefault("*." + field, ""));
    }

    /// What a kind is.
    static String of(KindName kind) {
        return texts().getOrDefault(kind.kind(), "");
    }

    private static Map<String, String> texts() {
        Map<String, String> texts = kept.get();
        if (texts == null) {
            texts = read();
            kept = new SoftReference<>(texts);
        }
        return texts;
    }

    /// Texts by kind or by `<class>.<field>`.
    static Map<String, String> read() {
        try (InputStream stream = Descriptions.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " is not in the jar");
            }
            Map<String, String> texts = new TreeMap<>();
            new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> {
                        int space = line.indexOf(' ');
                        texts.put(line.substring(0, space), line.substring(space + 1));
                    });
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
