package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Applies declarations, and remembers of each object which state of its file it was applied from, so that only what
/// changed, drifted or failed is applied again. Used by one thread, but for [#isOwn].
final class Applying {
    private final Applier applier;
    private final String manager;
    private final Map<ObjectKey, String> applied = new HashMap<>();
    private final Map<ObjectKey, SourceProblem> refused = new HashMap<>();
    private final Map<ObjectKey, Long> ownVersions = new ConcurrentHashMap<>();

    Applying(Applier applier, String manager) {
        this.applier = applier;
        this.manager = manager;
    }

    /// Whether that version of an object is, or was overtaken by, one that was applied here.
    boolean isOwn(ObjectKey key, long version) {
        return version <= ownVersions.getOrDefault(key, 0L);
    }

    /// Applies everything again at the next occasion.
    void forget() {
        applied.clear();
    }

    void forget(ObjectKey key) {
        applied.remove(key);
        refused.remove(key);
        ownVersions.remove(key);
    }

    /// Applies what is due; as long as something succeeds, what failed is tried once more, because it may need what
    /// came behind it.
    ///
    /// @return what could not be applied, now or at an earlier round
    List<SourceProblem> apply(List<SourcePlan.Step> steps, Set<ObjectKey> drifted, SourceJournal journal) {
        List<SourcePlan.Step> due = new ArrayList<>();
        for (SourcePlan.Step step : steps) {
            if (drifted.contains(step.key()) || !step.hash().equals(applied.get(step.key()))) {
                due.add(step);
            }
        }
        Map<SourcePlan.Step, SourceProblem> failures = Map.of();
        int before;
        do {
            before = due.size();
            failures = applyAll(due, drifted, journal);
            due = List.copyOf(failures.keySet());
        } while (!due.isEmpty() && due.size() < before);

        List<SourceProblem> problems = new ArrayList<>(failures.values());
        steps.stream().map(step -> refused.get(step.key())).forEach(problem -> {
            if (problem != null) {
                problems.add(problem);
            }
        });
        return problems;
    }

    private Map<SourcePlan.Step, SourceProblem> applyAll(
            List<SourcePlan.Step> due, Set<ObjectKey> drifted, SourceJournal journal) {
        Map<SourcePlan.Step, SourceProblem> failures = new LinkedHashMap<>();
        for (SourcePlan.Step step : due) {
            refused.remove(step.key());
            boolean sameFile = step.hash().equals(applied.remove(step.key()));
            switch (applier.apply(step.declaration().object(), manager)) {
                case ApplyOutcome.Applied outcome -> {
                    settle(step, outcome.object());
                    if (outcome.changed() && sameFile && drifted.contains(step.key())) {
                        journal.corrected(step, outcome.object());
                    } else if (outcome.changed()) {
                        journal.applied(step, outcome);
                    }
                }
                case ApplyOutcome.Refused outcome -> {
                    applied.put(step.key(), step.hash());
                    refused.put(step.key(), problem(step, outcome));
                }
                case ApplyOutcome.Failed outcome -> failures.put(step, problem(step, outcome));
            }
        }
        return failures;
    }

    private void settle(SourcePlan.Step step, ApiObject object) {
        applied.put(step.key(), step.hash());
        ownVersions.merge(step.key(), object.resourceVersion(), Math::max);
    }

    private static SourceProblem problem(SourcePlan.Step step, ApplyOutcome.Refused outcome) {
        Declaration declaration = step.declaration();
        return new SourceProblem(
                declaration.file(), declaration.lineOf(outcome.field()), Reason.APPLY_FAILED, outcome.message(), true);
    }

    private static SourceProblem problem(SourcePlan.Step step, ApplyOutcome.Failed outcome) {
        Declaration declaration = step.declaration();
        return new SourceProblem(declaration.file(), declaration.line(), Reason.APPLY_FAILED, outcome.message(), false);
    }
}
