package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.OwnGroup;
import java.util.List;
import java.util.Locale;

/// What the rules of Slipway's kinds share.
final class OwnKind {
    private OwnKind() {}

    static KindName name(String kind, String plural, String shortName, Scope scope) {
        return new KindName(OwnGroup.GROUP, OwnGroup.VERSION, kind, plural, List.of(shortName), scope);
    }

    /// `True`, `False` or `Unknown`.
    static Column ready() {
        return Column.computed(
                "Ready", "Whether the object is as declared.", (object, now) -> condition(object, "Ready"));
    }

    static String condition(ApiObject object, String type) {
        for (JsonNode condition : object.status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "Unknown";
    }

    /// `17 MiB`, in steps of 1024.
    static String bytes(JsonNode number) {
        if (!number.isNumber()) {
            return "";
        }
        double left = number.asDouble();
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (left >= 1024 && unit < units.length - 1) {
            left /= 1024;
            unit++;
        }
        return left < 10 && unit > 0
                ? String.format(Locale.ROOT, "%.1f %s", left, units[unit])
                : String.format(Locale.ROOT, "%.0f %s", left, units[unit]);
    }

    /// Reports a value that is none of `allowed`; a missing one is fine.
    static void oneOf(JsonNode parent, String field, List<String> allowed, String path, Findings findings) {
        JsonNode value = parent.path(field);
        if (!value.isMissingNode() && !allowed.contains(value.asText())) {
            findings.notSupported(path + "." + field, value.asText(), allowed);
        }
    }

    /// Reports it when not exactly one of `fields` is there.
    static void exactlyOne(JsonNode parent, List<String> fields, String path, Findings findings) {
        List<String> present = fields.stream().filter(parent::hasNonNull).toList();
        if (present.isEmpty()) {
            findings.required(path, "exactly one of " + String.join(", ", fields));
        } else if (present.size() > 1) {
            findings.forbidden(
                    path + "." + present.get(1), "only one of " + String.join(", ", fields) + " may be there");
        }
    }
}
