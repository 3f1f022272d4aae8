package dev.slipway.door.progress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ByteAmounts;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.Reason;
import dev.slipway.door.health.Problem;
import dev.slipway.door.health.StatusRules;
import dev.slipway.door.health.UnreadyPods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts one object into a line. Pure.
///
/// @param pods of all objects
record RowRenderer(UnreadyPods pods, Instant now) {
    private static final int BAR_WIDTH = 20;
    private static final int SHORT_DIGEST = "sha256:".length() + 12;

    Row render(ApiObject object, Kind kind, boolean isDeclared) {
        Row.Subject subject = new Row.Subject(object.kind(), object.namespace(), object.name(), isDeclared);
        Optional<Problem> problem = StatusRules.problem(object, kind, pods);
        Row.Mark mark = mark(object, problem);
        if (mark == Row.Mark.BUSY && object.status().path("progress").isObject()) {
            return moving(subject, object.status().path("progress"));
        }
        String state = state(object, kind, problem, now);
        String detail = problem.map(each -> cause(each, state)).orElseGet(() -> facts(object));
        String milestone = detail.isEmpty() || mark == Row.Mark.DONE ? state : state + ", " + detail;
        return new Row(subject, mark, state, detail, milestone, Addresses.of(object));
    }

    /// A declared object that is not there yet.
    static Row missing(Row.Subject subject) {
        return new Row(subject, Row.Mark.BUSY, "Missing", "it is being made", "Missing", List.of());
    }

    private static Row.Mark mark(ApiObject object, Optional<Problem> problem) {
        if (problem.isEmpty()) {
            return Row.Mark.DONE;
        }
        // Kubernetes' own kinds have no condition for it; a pod that has failed stays so.
        boolean hasFailed = object.kind().equals("Pod")
                && object.status().path("phase").asText().equals("Failed");
        return hasFailed || Conditions.isTrue(object.status(), "Stalled") ? Row.Mark.FAILED : Row.Mark.BUSY;
    }

    /// The word that `slipway get` prints, if the kind has one.
    private static String state(ApiObject object, Kind kind, Optional<Problem> problem, Instant now) {
        String word = kind.columns().stream()
                .filter(column -> column.name().equals("State") || column.name().equals("Status"))
                .map(Column::cell)
                .map(cell -> cell.apply(object, now).toString())
                .findFirst()
                .orElse("");
        if (!word.isEmpty()) {
            return word;
        }
        return problem.map(Problem::reason).orElse(kind.hasStatus() ? "Ready" : "Applied");
    }

    private static String cause(Problem problem, String state) {
        boolean saysMore = !problem.reason().equals(state)
                && !problem.reason().equals(Reason.PROGRESSING.toString())
                && !problem.reason().startsWith("Not");
        if (!saysMore || problem.message().isEmpty()) {
            return saysMore ? problem.reason() : problem.message();
        }
        return problem.reason() + ": " + problem.message();
    }

    private static String facts(ApiObject object) {
        JsonNode status = object.status();
        List<String> facts = new ArrayList<>();
        if (status.path("pid").isNumber()) {
            facts.add("pid " + status.path("pid").asLong());
        }
        String address = status.at("/podIPs/0/ip").asText();
        facts.add(address);
        facts.add(object.kind().equals("Image") ? image(status) : "");
        facts.add(object.kind().equals("Tag") ? shortened(status.path("digest").asText()) : "");
        facts.add(status.path("path").asText());
        facts.removeIf(String::isEmpty);
        return String.join(", ", facts);
    }

    private static String image(JsonNode status) {
        int layers = status.path("layers").size();
        long bytes = status.at("/sizes/unpacked").asLong();
        return layers == 0
                ? ""
                : "%s in %d %s".formatted(ByteAmounts.text(bytes), layers, layers == 1 ? "layer" : "layers");
    }

    private static String shortened(String digest) {
        return digest.substring(0, Math.min(digest.length(), SHORT_DIGEST));
    }

    /// A pull or a build that is running.
    private static Row moving(Row.Subject subject, JsonNode progress) {
        String phase = progress.path("phase").asText(Reason.PROGRESSING.toString());
        long done = progress.path("bytesDone").asLong();
        long total = progress.path("bytesTotal").asLong();
        List<String> parts = new ArrayList<>();
        if (total > 0) {
            parts.add(bar(done, total));
            parts.add("%s of %s".formatted(ByteAmounts.text(done), ByteAmounts.text(total)));
        } else if (done > 0) {
            parts.add(ByteAmounts.text(done));
        }
        if (progress.path("layersTotal").asInt() > 0) {
            parts.add("%d of %d layers"
                    .formatted(
                            progress.path("layersDone").asInt(),
                            progress.path("layersTotal").asInt()));
        }
        if (progress.path("bytesPerSecond").asLong() > 0) {
            parts.add(ByteAmounts.text(progress.path("bytesPerSecond").asLong()) + "/s");
        }
        String milestone =
                total > 0 ? "%s, %d%% of %s".formatted(phase, quarters(done, total), ByteAmounts.text(total)) : phase;
        return new Row(subject, Row.Mark.BUSY, phase, String.join("  ", parts), milestone, List.of());
    }

    private static String bar(long done, long total) {
        int filled = Math.clamp(done * BAR_WIDTH / total, 0, BAR_WIDTH);
        return "[" + "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled) + "]";
    }

    /// How much is done in percent, in steps of 25.
    private static long quarters(long done, long total) {
        return Math.clamp(done * 4 / total, 0, 4) * 25;
    }
}
