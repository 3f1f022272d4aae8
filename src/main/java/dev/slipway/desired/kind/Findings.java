package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.node.ValueNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Collects broken rules in the words of the Kubernetes API. Used by one thread.
///
/// @spec https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/field/errors.go field errors
public final class Findings {
    private final List<FieldError> errors = new ArrayList<>();

    public List<FieldError> errors() {
        return List.copyOf(errors);
    }

    public void required(String path) {
        required(path, "");
    }

    public void required(String path, String detail) {
        add(path, "FieldValueRequired", "Required value" + (detail.isEmpty() ? "" : ": " + detail));
    }

    public void invalid(String path, Object value, String detail) {
        add(path, "FieldValueInvalid", "Invalid value: %s: %s".formatted(quoted(value), detail));
    }

    public void duplicate(String path, Object value) {
        add(path, "FieldValueDuplicate", "Duplicate value: " + quoted(value));
    }

    public void notFound(String path, Object value) {
        add(path, "FieldValueNotFound", "Not found: " + quoted(value));
    }

    public void forbidden(String path, String detail) {
        add(path, "FieldValueForbidden", "Forbidden: " + detail);
    }

    public void notSupported(String path, Object value, Collection<String> supported) {
        String list = String.join(", ", supported.stream().map(Findings::quoted).toList());
        add(
                path,
                "FieldValueNotSupported",
                "Unsupported value: %s: supported values: %s".formatted(quoted(value), list));
    }

    public void tooLong(String path, int mostBytes) {
        add(path, "FieldValueTooLong", "Too long: may not be more than %d bytes".formatted(mostBytes));
    }

    private void add(String path, String reason, String message) {
        errors.add(new FieldError(path, reason, message));
    }

    private static String quoted(Object value) {
        boolean isPlain = value instanceof Number || value instanceof Boolean || value instanceof ValueNode;
        return isPlain ? value.toString() : "\"" + value + "\"";
    }
}
