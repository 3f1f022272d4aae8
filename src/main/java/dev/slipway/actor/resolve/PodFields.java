package dev.slipway.actor.resolve;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Fields of a pod that its own containers may read.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ Kubernetes: Downward API
final class PodFields {
    private static final String LABEL = "metadata.labels['";
    private static final String ANNOTATION = "metadata.annotations['";

    private PodFields() {}

    /// @param path as in `fieldRef.fieldPath`
    static String value(PodScope scope, String path) throws MissingReferenceException {
        if (path.startsWith(LABEL)) {
            return scope.pod().labels().getOrDefault(key(path, LABEL), "");
        }
        if (path.startsWith(ANNOTATION)) {
            return scope.pod().annotations().getOrDefault(key(path, ANNOTATION), "");
        }
        return switch (path) {
            case "metadata.name" -> scope.pod().name();
            case "metadata.namespace" -> scope.pod().namespace();
            case "metadata.uid" -> scope.pod().uid();
            case "metadata.labels" -> lines(scope.pod().labels());
            case "metadata.annotations" -> lines(scope.pod().annotations());
            case "spec.nodeName" -> scope.host().name();
            case "spec.serviceAccountName" ->
                scope.spec().path("serviceAccountName").asText("default");
            case "status.hostIP", "status.hostIPs" -> scope.host().address();
            case "status.podIP", "status.podIPs" -> scope.podIp();
            default -> throw new MissingReferenceException("unsupported fieldPath: " + path);
        };
    }

    private static String key(String path, String prefix) {
        return path.substring(prefix.length(), Math.max(prefix.length(), path.length() - "']".length()));
    }

    /// One line for each entry, `name="value"`, as Go quotes.
    private static String lines(Map<String, String> map) {
        return new TreeMap<>(map)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + quoted(entry.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    private static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            switch (next) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> text.append(next < ' ' ? "\\x%02x".formatted((int) next) : next);
            }
        }
        return text.append('"').toString();
    }
}
