package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.DeclaredBy;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.store.StoreEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One watched directory. [#round] is called by one worker at a time; [#concerns], [#forget] and [#problems] by any
/// thread.
///
/// ```
/// round:  watch and read files -> plan -> inventory -> apply -> prune -> status
/// ```
final class Source {
    private static final Logger LOG = Logger.getLogger(Source.class);

    private final Path directory;
    private final DirectoryWatch watch;
    private final GitOpsParts parts;
    private final SyncRecord record;
    private final Applying applying;
    private final Pruning pruning;
    private final DriftBudget budget = new DriftBudget();
    private final Map<ObjectKey, Long> drifted = new ConcurrentHashMap<>();
    private final AtomicBoolean applyAgain = new AtomicBoolean();

    private volatile Inventory inventory = Inventory.EMPTY;
    private volatile List<SourceProblem> problems = List.of();
    private @Nullable SourceJournal journal;

    Source(Path directory, DirectoryWatch watch, GitOpsParts parts) {
        this.directory = directory;
        this.watch = watch;
        this.parts = parts;
        this.record = new SyncRecord(parts.store(), directory);
        String manager = DeclaredBy.manager(record.key().name());
        this.applying = new Applying(parts.applier(), manager);
        this.pruning = new Pruning(parts.store(), parts.applier(), record, manager);
    }

    /// The key of the `Sync` object, by which rounds are asked for.
    ObjectKey key() {
        return record.key();
    }

    Path directory() {
        return directory;
    }

    /// What was wrong in the last round.
    List<SourceProblem> problems() {
        return problems;
    }

    /// Whether a write in the store asks for a round.
    boolean concerns(StoreEvent event) {
        long version = event.object().resourceVersion();
        if (!inventory.holds(event.key()) || applying.isOwn(event.key(), version) || !DriftRules.concerns(event)) {
            return false;
        }
        drifted.merge(event.key(), version, Math::max);
        return true;
    }

    /// Writes may have gone unheard: the next round applies everything.
    void forget() {
        applyAgain.set(true);
    }

    /// Makes the store equal to the files, and says in the status how far that went.
    Result round() {
        Instant now = parts.schedule().clock().instant();
        try {
            SourceJournal telling = open(now);
            List<SourceProblem> found = new ArrayList<>();
            List<ManifestFile> files = read(found);
            if (files == null) {
                return tell("", found, 0, telling);
            }
            SourcePlan plan = SourcePlanner.plan(files, inventory, parts.applier()::keyOf);
            found.addAll(plan.problems());
            plan.unknown().forEach(declaration -> found.add(unknownKind(declaration)));
            intend(plan, now);
            // Declared again in the same words, they are to be made again.
            plan.missing().forEach(applying::forget);
            boolean postponed = apply(plan, found, telling);
            Pruning.Outcome pruned = pruning.prune(plan.missing(), inventory, now, telling);
            inventory = pruned.inventory();
            found.addAll(pruned.problems());
            Result result = tell(revision(files), found, pruned.waiting(), telling);
            return postponed && !(result instanceof Result.Waiting) ? new Result.Again(DriftBudget.PAUSE) : result;
        } catch (IOException e) {
            LOG.errorf("sync cannot be recorded sync=%s: %s", key().name(), e.getMessage());
            return new Result.Waiting(Reason.INTERNAL_ERROR.toString(), Duration.ZERO);
        }
    }

    /// Begins with what an earlier run of the engine has applied.
    private SourceJournal open(Instant now) throws IOException {
        SourceJournal known = journal;
        if (known == null) {
            ApiObject sync = record.open(now);
            inventory = Inventory.read(sync.status().path("inventory"));
            known = new SourceJournal(parts.recorder(), sync);
            journal = known;
        }
        return known;
    }

    /// @return the files, or null when the directory cannot be read
    private @Nullable List<ManifestFile> read(List<SourceProblem> found) {
        watch.begin();
        List<ManifestFile> files = null;
        try {
            files = DirectoryTree.read(directory, watch::add);
        } catch (IOException e) {
            found.add(unreadable(e));
        }
        try {
            watch.end();
        } catch (IOException e) {
            found.add(problem(Reason.SOURCE_UNREADABLE, "changes may go unnoticed: " + e.getMessage(), false));
        }
        return files;
    }

    /// Records what is about to be applied, so that a crash leaves nothing that is never pruned.
    private void intend(SourcePlan plan, Instant now) throws IOException {
        Map<ObjectKey, String> declared = new HashMap<>();
        plan.applies()
                .forEach(step -> declared.put(step.key(), step.declaration().file()));
        Inventory before = inventory;
        inventory = before.with(declared);
        if (!inventory.files().keySet().equals(before.files().keySet())) {
            record.update(now, status -> status.set("inventory", inventory.write()));
        }
    }

    /// @return whether a correction has to wait because there were too many
    private boolean apply(SourcePlan plan, List<SourceProblem> found, SourceJournal telling) {
        if (applyAgain.getAndSet(false)) {
            applying.forget();
        }
        Set<ObjectKey> corrections = new HashSet<>();
        boolean postponed = false;
        for (Map.Entry<ObjectKey, Long> each : Map.copyOf(drifted).entrySet()) {
            if (applying.isOwn(each.getKey(), each.getValue())) {
                drifted.remove(each.getKey(), each.getValue());
            } else if (budget.spend(each.getKey(), parts.schedule().clock().instant())) {
                drifted.remove(each.getKey(), each.getValue());
                corrections.add(each.getKey());
            } else {
                postponed = true;
            }
        }
        found.addAll(applying.apply(plan.applies(), corrections, telling));
        return postponed;
    }

    private Result tell(String revision, List<SourceProblem> found, int pruning, SourceJournal telling)
            throws IOException {
        Instant now = parts.schedule().clock().instant();
        SyncStatusRenderer.Report report = new SyncStatusRenderer.Report(revision, inventory, found, pruning);
        record.update(now, status -> SyncStatusRenderer.render(status, report, now));
        telling.endRound(found);
        problems = List.copyOf(found);
        if (pruning > 0) {
            return new Result.Again(Pruning.PATIENCE);
        }
        for (SourceProblem problem : found) {
            if (!problem.lasting()) {
                return new Result.Waiting(problem.reason().toString(), Duration.ZERO);
            }
        }
        return found.isEmpty()
                ? Result.SETTLED
                : new Result.Stalled(
                        found.getFirst().reason().toString(), found.getFirst().toString());
    }

    private SourceProblem unreadable(IOException e) {
        boolean absent = e instanceof NoSuchFileException || e instanceof NotDirectoryException;
        String cause = absent ? "no such directory" : String.valueOf(e.getMessage());
        String message = "read %s: %s; its %d objects stay"
                .formatted(directory, cause, inventory.files().size());
        // The watch tells when the directory comes.
        return problem(Reason.SOURCE_UNREADABLE, message, absent);
    }

    private static SourceProblem problem(Reason reason, String message, boolean lasting) {
        return new SourceProblem("", 0, reason, message, lasting);
    }

    private SourceProblem unknownKind(Declaration declaration) {
        ApiObject object = declaration.object();
        return new SourceProblem(
                declaration.file(),
                declaration.lineOf("kind"),
                Reason.MANIFEST_INVALID,
                "no matches for kind \"%s\" in version \"%s\"%s"
                        .formatted(
                                object.kind(),
                                object.apiVersion(),
                                parts.applier()
                                        .meant(object.kind())
                                        .map("; did you mean %s?"::formatted)
                                        .orElse("")),
                true);
    }

    private static String revision(List<ManifestFile> files) {
        StringBuilder all = new StringBuilder();
        for (ManifestFile file : files) {
            String content =
                    switch (file) {
                        case ManifestFile.Good good -> good.hash();
                        case ManifestFile.Bad bad -> bad.text();
                    };
            all.append(file.path()).append('\0').append(content).append('\n');
        }
        return "sha256:" + ManifestParser.hash(all.toString().getBytes(StandardCharsets.UTF_8));
    }
}
