package dev.slipway.door.protobuf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The messages of Kubernetes' API by name, each with its fields by number, from the resource `messages.txt`: one
/// message a line, `core.v1.Secret 1:metadata:meta.v1.ObjectMeta 2:data:{}bytes ...`.
///
/// Loaded when the first protobuf body comes, and given back when memory is short: most engines see such bodies for
/// seconds a day. Safe for use by several threads.
final class MessageTable {
    private static final String META = "meta.v1.";
    private volatile SoftReference<@Nullable Map<String, String>> lines = new SoftReference<>(null);

    /// The message of a kind. Options such as `DeleteOptions` carry the group of the objects that they are for.
    Optional<String> messageOf(String apiVersion, String kind) {
        String message = packageOf(apiVersion) + "." + kind;
        if (lines().containsKey(message)) {
            return Optional.of(message);
        }
        return Optional.of(META + kind).filter(lines()::containsKey);
    }

    /// The fields of a message that is in the table.
    Map<Integer, MessageField> fields(String message) {
        Map<Integer, MessageField> fields = new HashMap<>();
        String line = Objects.requireNonNull(lines().get(message), message);
        for (String text : line.split(" ")) {
            if (!text.isEmpty()) {
                MessageField field = MessageField.parse(text);
                fields.put(field.number(), field);
            }
        }
        return fields;
    }

    /// `apps/v1` is `apps.v1`, `v1` is `core.v1`, `rbac.authorization.k8s.io/v1` is `rbac.v1`.
    private static String packageOf(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        if (slash < 0) {
            return "core." + apiVersion;
        }
        String group = apiVersion.substring(0, slash);
        int dot = group.indexOf('.');
        return (dot < 0 ? group : group.substring(0, dot)) + "." + apiVersion.substring(slash + 1);
    }

    private Map<String, String> lines() {
        Map<String, String> loaded = lines.get();
        if (loaded == null) {
            loaded = load();
            lines = new SoftReference<>(loaded);
        }
        return loaded;
    }

    private static Map<String, String> load() {
        Map<String, String> lines = new HashMap<>();
        try (InputStream resource = Objects.requireNonNull(MessageTable.class.getResourceAsStream("messages.txt"));
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                int space = line.indexOf(' ');
                lines.put(line.substring(0, space), line.substring(space + 1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }
}
