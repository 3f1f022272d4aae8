package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
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
                        "Ready", "Whether the object is as declared.", (object, now) -> condition(object, "Ready"))
                .from(".status.conditions[?(@.type==\"Ready\")].status");
    }

    static String condition(ApiObject object, String type) {
        for (JsonNode condition : object.status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "Unknown";
    }

    /// As much of the field `digest` as people compare.
    static String shortDigest(JsonNode parent) {
        String digest = parent.path("digest").asText();
        if (digest.isEmpty()) {
            return "<none>";
        }
        return digest.substring(0, Math.min(digest.length(), "sha256:".length() + 12));
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
}
