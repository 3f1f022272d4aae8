package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Compares what files say with what was applied before. Pure; used for one look.
final class SourcePlanner {
    /// What is used is applied before its users and pruned after them.
    private static final List<List<String>> ORDER = List.of(
            List.of("namespaces"),
            List.of("customresourcedefinitions"),
            List.of("serviceaccounts", "secrets", "configmaps"),
            List.of("registries", "storageclasses"),
            List.of("volumes", "persistentvolumeclaims"),
            List.of("images"),
            List.of("tags"),
            List.of("services"));

    private final Function<ApiObject, Optional<ObjectKey>> keyOf;
    private final Map<ObjectKey, SourcePlan.Step> steps = new LinkedHashMap<>();
    private final List<Declaration> unknown = new ArrayList<>();
    private final List<SourceProblem> problems = new ArrayList<>();
    private final List<ManifestFile.Bad> bad = new ArrayList<>();

    private SourcePlanner(Function<ApiObject, Optional<ObjectKey>> keyOf) {
        this.keyOf = keyOf;
    }

    /// @param files in the order of their paths: of two that declare the same object, the first wins
    /// @param keyOf as [Applier#keyOf]
    static SourcePlan plan(
            List<ManifestFile> files, Inventory inventory, Function<ApiObject, Optional<ObjectKey>> keyOf) {
        if (files.isEmpty() && !inventory.files().isEmpty()) {
            return new SourcePlan(List.of(), List.of(), List.of(), List.of(suddenlyEmpty(inventory)));
        }
        SourcePlanner planner = new SourcePlanner(keyOf);
        files.forEach(planner::look);
        return planner.result(inventory);
    }

    private void look(ManifestFile file) {
        switch (file) {
            case ManifestFile.Good good -> good.declarations().forEach(each -> look(each, good.hash()));
            case ManifestFile.Bad found -> {
                problems.add(found.problem());
                bad.add(found);
            }
        }
    }

    private void look(Declaration declaration, String hash) {
        Optional<ObjectKey> key = keyOf.apply(declaration.object());
        if (key.isEmpty()) {
            unknown.add(declaration);
            return;
        }
        SourcePlan.Step step = new SourcePlan.Step(key.get(), declaration, hash);
        SourcePlan.Step first = steps.putIfAbsent(key.get(), step);
        if (first != null) {
            problems.add(declaredTwice(step, first.declaration()));
        }
    }

    private SourcePlan result(Inventory inventory) {
        List<SourcePlan.Step> applies = new ArrayList<>(steps.values());
        applies.sort(Comparator.comparingInt(step -> rank(step.key())));
        List<ObjectKey> missing = new ArrayList<>();
        inventory.files().forEach((key, file) -> {
            if (!steps.containsKey(key) && bad.stream().noneMatch(each -> hides(each, key, file))) {
                missing.add(key);
            }
        });
        missing.sort(Comparator.comparingInt(key -> -rank(key)));
        return new SourcePlan(applies, unknown, missing, problems);
    }

    /// Whether the object may still be declared by something that cannot be read: the file that declared it last, a
    /// file in a directory that cannot be listed, or a file that names it, because it may have moved there.
    private static boolean hides(ManifestFile.Bad bad, ObjectKey key, String file) {
        return file.equals(bad.path()) || file.startsWith(bad.path() + "/") || bad.mayDeclare(key);
    }

    private static int rank(ObjectKey key) {
        for (int rank = 0; rank < ORDER.size(); rank++) {
            if (ORDER.get(rank).contains(key.resource().plural())) {
                return rank;
            }
        }
        return ORDER.size();
    }

    private static SourceProblem declaredTwice(SourcePlan.Step step, Declaration first) {
        return new SourceProblem(
                step.declaration().file(),
                step.declaration().line(),
                Reason.CONFLICT,
                "%s is declared in %s:%d already".formatted(step.key(), first.file(), first.line()),
                true);
    }

    private static SourceProblem suddenlyEmpty(Inventory inventory) {
        return new SourceProblem(
                "",
                0,
                Reason.SOURCE_EMPTY,
                "the directory has no manifests any more; its %d objects stay (a file with only a comment deletes them)"
                        .formatted(inventory.files().size()),
                true);
    }
}
