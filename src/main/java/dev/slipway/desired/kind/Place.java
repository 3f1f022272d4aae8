package dev.slipway.desired.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A place in an object that is being validated: what stands there, its path, and where broken rules go.
///
/// @param name the last step of the path: a field, or the key of a map
public record Place(JsonNode value, String path, String name, Findings findings) {
    private static final String RELATIVE = "must be a relative path";
    private static final String NO_BACKSTEPS = "must not contain '..'";

    /// A top-level field of an object.
    public static Place of(ApiObject object, String field, Findings findings) {
        return new Place(object.tree().path(field), field, field, findings);
    }

    public Place at(String field) {
        return new Place(value.path(field), path + "." + field, field, findings);
    }

    /// This map without the entries that are as they were in `before`: a rule that is younger than an object must
    /// not keep it from being written.
    public Place changedSince(JsonNode before) {
        if (!(value instanceof ObjectNode map)) {
            return this;
        }
        ObjectNode changed = map.objectNode();
        map.properties().stream()
                .filter(entry -> !entry.getValue().equals(before.path(entry.getKey())))
                .forEach(entry -> changed.set(entry.getKey(), entry.getValue()));
        return new Place(changed, path, name, findings);
    }

    /// The items of a list, or nothing.
    public List<Place> items() {
        List<Place> items = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            items.add(new Place(value.path(i), path + "[" + i + "]", name, findings));
        }
        return items;
    }

    /// The values of a map, or nothing.
    public List<Place> entries() {
        List<Place> entries = new ArrayList<>(value.size());
        value.properties()
                .forEach(entry -> entries.add(
                        new Place(entry.getValue(), path + "[" + entry.getKey() + "]", entry.getKey(), findings)));
        return entries;
    }

    public boolean isThere() {
        return !value.isMissingNode();
    }

    public boolean isEmpty() {
        return value.isContainerNode() ? value.isEmpty() : value.asText().isEmpty();
    }

    public String text() {
        return value.asText();
    }

    public void invalid(String rule) {
        findings.invalid(path, value.isNumber() || value.isBoolean() ? value : value.asText(), rule);
    }

    public void required(String detail) {
        findings.required(path, detail);
    }

    public void forbidden(String detail) {
        findings.forbidden(path, detail);
    }

    /// Reports a text, list or map that is missing or empty.
    ///
    /// @return whether it is there
    public boolean require() {
        if (isEmpty()) {
            required("");
        }
        return !isEmpty();
    }

    /// Reports a value that is there and breaks a rule.
    public void holds(boolean isRight, String rule) {
        if (isThere() && !isRight) {
            invalid(rule);
        }
    }

    /// Reports a text that is there and that `grammar` finds faults with.
    public void reads(Function<String, List<String>> grammar) {
        if (isThere()) {
            grammar.apply(text()).forEach(this::invalid);
        }
    }

    /// Reports a text that is missing or empty, or that `grammar` finds faults with.
    public void requireReads(Function<String, List<String>> grammar) {
        if (require()) {
            reads(grammar);
        }
    }

    /// Reports a value that is there and is none of `allowed`.
    public void oneOf(List<String> allowed) {
        if (isThere() && !allowed.contains(text())) {
            findings.notSupported(path, text(), allowed);
        }
    }

    /// Reports a number that is there and is outside of these bounds.
    public void between(long lowest, long highest) {
        holds(
                value.asLong() >= lowest && value.asLong() <= highest,
                "must be between %d and %d, inclusive".formatted(lowest, highest));
    }

    public void notNegative() {
        holds(value.asLong() >= 0, "must be greater than or equal to 0");
    }

    /// Reports a path that could leave the directory below which it is meant.
    public void staysBelow() {
        holds(!text().startsWith("/"), RELATIVE);
        holds(!List.of(text().split("/")).contains(".."), NO_BACKSTEPS);
    }

    /// Reports it when this value is in `taken` already, and adds it.
    public void unique(Set<String> taken) {
        if (!taken.add(text())) {
            findings.duplicate(path, value.isNumber() ? value : text());
        }
    }

    /// Reports values of `field` that two items of this list share; empty ones may be shared.
    public void uniqueBy(String field) {
        Set<String> taken = new HashSet<>();
        items().stream()
                .map(item -> item.at(field))
                .filter(each -> !each.isEmpty())
                .forEach(each -> each.unique(taken));
    }

    /// Those of `fields` that are there.
    public List<Place> present(List<String> fields) {
        return fields.stream().map(this::at).filter(Place::isThere).toList();
    }

    /// Reports it when not exactly one of `fields` is there.
    public void exactlyOneOf(List<String> fields) {
        List<Place> present = present(fields);
        String words = String.join(", ", fields);
        if (present.isEmpty()) {
            required("exactly one of " + words);
        }
        present.stream().skip(1).forEach(extra -> extra.forbidden("only one of " + words + " may be there"));
    }
}
