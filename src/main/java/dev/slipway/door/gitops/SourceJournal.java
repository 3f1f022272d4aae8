package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/// Tells what a source did, in the log and as events: of the source, and of the object where there is one. Used by one
/// thread.
final class SourceJournal {
    private static final Logger LOG = Logger.getLogger(SourceJournal.class);
    private static final int MOST_NAMED = 5;

    private final EventRecorder recorder;
    private final Involved sync;
    private final List<String> applied = new ArrayList<>();
    private final List<String> pruned = new ArrayList<>();
    private Set<SourceProblem> told = Set.of();

    SourceJournal(EventRecorder recorder, ApiObject sync) {
        this.recorder = recorder;
        this.sync = Involved.of(sync);
    }

    /// A declaration made a difference.
    void applied(SourcePlan.Step step, ApplyOutcome.Applied outcome) {
        String file = step.declaration().file();
        LOG.infof("manifest applied object=%s file=%s", step.key(), file);
        applied.add(step.key() + " as " + place(step) + " declares");
        for (String warning : outcome.warnings()) {
            LOG.warnf("manifest warning object=%s file=%s: %s", step.key(), file, warning);
            recorder.warning(
                    Involved.of(outcome.object()), Reason.FIELDS_IGNORED, "%s: %s".formatted(place(step), warning));
        }
    }

    /// A declaration undid what somebody else had done.
    void corrected(SourcePlan.Step step, ApiObject object) {
        LOG.infof(
                "drift corrected object=%s file=%s",
                step.key(), step.declaration().file());
        recorder.normal(
                Involved.of(object), Reason.DRIFT_CORRECTED, "set back to what %s declares".formatted(place(step)));
    }

    void pruned(ObjectKey key, String file) {
        LOG.infof("manifest gone, object deleted object=%s file=%s", key, file);
        pruned.add(key + ", which " + file + " declared");
    }

    /// Tells in one event each what a round has applied and pruned, and of problems that were not there before.
    void endRound(List<SourceProblem> problems) {
        tell(Reason.APPLIED, applied);
        tell(Reason.PRUNED, pruned);
        tellNew(problems);
    }

    private void tell(Reason reason, List<String> done) {
        if (!done.isEmpty()) {
            String first = String.join("; ", done.subList(0, Math.min(done.size(), MOST_NAMED)));
            String more = done.size() > MOST_NAMED ? "; and %d more".formatted(done.size() - MOST_NAMED) : "";
            recorder.normal(sync, reason, first + more);
            done.clear();
        }
    }

    private void tellNew(List<SourceProblem> problems) {
        for (SourceProblem problem : problems) {
            if (!told.contains(problem)) {
                LOG.warnf("manifest problem sync=%s reason=%s: %s", sync.name(), problem.reason(), problem);
                recorder.warning(sync, problem.reason(), problem.toString());
            }
        }
        told = Set.copyOf(problems);
    }

    private static String place(SourcePlan.Step step) {
        return step.declaration().file() + ":" + step.declaration().line();
    }
}
