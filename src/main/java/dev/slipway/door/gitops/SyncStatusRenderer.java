package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.Reason;
import java.time.Instant;
import java.util.List;

/// Says in the status of a `Sync` how its source stands. Pure.
final class SyncStatusRenderer {
    private SyncStatusRenderer() {}

    /// How a look at a source ended.
    ///
    /// @param revision of the files, empty when they could not be read
    /// @param pruning how many objects wait to be pruned
    record Report(String revision, Inventory inventory, List<SourceProblem> problems, int pruning) {
        Report {
            problems = List.copyOf(problems);
        }
    }

    /// Changes `status` to what `report` says; conditions that stay keep their times.
    static ObjectNode render(ObjectNode status, Report report, Instant now) {
        status.put("observedGeneration", 1);
        if (!report.revision().isEmpty()) {
            status.put("revision", report.revision());
        }
        status.set("inventory", report.inventory().write());
        ArrayNode errors = status.putArray("errors");
        for (SourceProblem problem : report.problems()) {
            ObjectNode error = errors.addObject().put("file", problem.file());
            if (problem.line() > 0) {
                error.put("line", problem.line());
            }
            error.put("reason", problem.reason().toString()).put("message", problem.message());
        }
        conditions(report).forEach(condition -> Conditions.set(status, condition, 1, now));
        return status;
    }

    private static List<Condition> conditions(Report report) {
        List<SourceProblem> lasting =
                report.problems().stream().filter(SourceProblem::lasting).toList();
        boolean busy = lasting.size() < report.problems().size() || report.pruning() > 0;
        String progress = report.pruning() > 0 ? report.pruning() + " objects are to be pruned" : "";
        return List.of(
                report.problems().isEmpty()
                        ? ready(report)
                        : unready("Ready", Condition.Status.FALSE, report.problems()),
                busy
                        ? Condition.yes("Reconciling", Reason.PROGRESSING, progress)
                        : Condition.no("Reconciling", Reason.SUCCEEDED, ""),
                lasting.isEmpty()
                        ? Condition.no("Stalled", Reason.SUCCEEDED, "")
                        : unready("Stalled", Condition.Status.TRUE, lasting));
    }

    private static Condition ready(Report report) {
        return Condition.yes(
                "Ready",
                Reason.SUCCEEDED,
                "%d objects applied".formatted(report.inventory().files().size()));
    }

    /// Names the first problem in full and counts the others.
    private static Condition unready(String type, Condition.Status status, List<SourceProblem> problems) {
        SourceProblem first = problems.getFirst();
        String more = problems.size() == 1 ? "" : " (and %d more)".formatted(problems.size() - 1);
        return new Condition(type, status, first.reason().toString(), first + more);
    }
}
