package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SourcePlannerTest {
    private static final ObjectKey WEB = key("pods", "web");
    private static final ObjectKey CONF = key("configmaps", "conf");

    @Test
    void what_is_used_comes_before_its_users_and_else_the_order_is_that_of_the_files() {
        SourcePlan plan = plan(
                Inventory.EMPTY,
                file("a.yaml", "Pod/web", "Image/base", "ConfigMap/conf"),
                file("b.yaml", "Pod/api", "Namespace/shop", "Tag/latest"));

        assertEquals(List.of("shop", "conf", "base", "latest", "web", "api"), names(plan));
        assertEquals(List.of(), plan.missing());
        assertEquals(List.of(), plan.problems());
    }

    @Test
    void what_no_file_declares_any_more_is_missing_users_first() {
        Inventory inventory = Inventory.of(Map.of(
                WEB,
                "a.yaml",
                CONF,
                "gone.yaml",
                key("namespaces", "shop"),
                "gone.yaml",
                key("pods", "old"),
                "a.yaml"));

        SourcePlan plan = plan(inventory, file("a.yaml", "Pod/web"));

        assertEquals(List.of(key("pods", "old"), CONF, key("namespaces", "shop")), plan.missing());
    }

    @Test
    void an_object_that_moves_to_another_file_is_not_missing() {
        SourcePlan plan = plan(Inventory.of(Map.of(WEB, "a.yaml")), file("b.yaml", "Pod/web"));

        assertEquals(List.of(), plan.missing());
    }

    @Test
    void what_a_bad_file_declared_or_may_declare_is_not_missing() {
        Inventory inventory = Inventory.of(Map.of(WEB, "bad.yaml", CONF, "a.yaml", key("pods", "gone"), "a.yaml"));

        SourcePlan plan = plan(inventory, file("a.yaml"), bad("bad.yaml", "kind: ConfigMap\n name: conf"));

        assertEquals(List.of(key("pods", "gone")), plan.missing());
        assertEquals(1, plan.problems().size());
    }

    @Test
    void nothing_is_missing_while_a_file_cannot_be_read_at_all() {
        SourcePlan plan = plan(Inventory.of(Map.of(WEB, "a.yaml")), file("a.yaml"), bad("sub", ""));

        assertEquals(List.of(), plan.missing());
    }

    @Test
    void nothing_is_missing_when_all_files_are_gone() {
        SourcePlan plan = plan(Inventory.of(Map.of(WEB, "a.yaml")));

        assertEquals(List.of(), plan.missing());
        assertEquals(Reason.SOURCE_EMPTY, plan.problems().getFirst().reason());
    }

    @Test
    void a_file_with_only_a_comment_means_what_it_says() {
        SourcePlan plan = plan(Inventory.of(Map.of(WEB, "a.yaml")), file("a.yaml"));

        assertEquals(List.of(WEB), plan.missing());
    }

    @Test
    void of_two_files_that_declare_the_same_the_first_wins_and_the_second_is_told() {
        SourcePlan plan = plan(Inventory.EMPTY, file("a.yaml", "Pod/web"), file("b.yaml", "Pod/api", "Pod/web"));

        assertEquals(List.of("web", "api"), names(plan));
        assertEquals("a.yaml", plan.applies().getFirst().declaration().file());
        assertEquals(
                "b.yaml:6: pods/default/web is declared in a.yaml:2 already",
                plan.problems().getFirst().toString());
    }

    @Test
    void an_unknown_kind_holds_up_nothing() {
        SourcePlan plan = plan(Inventory.EMPTY, file("a.yaml", "Unknown/x", "Pod/web"));

        assertEquals(List.of("web"), names(plan));
        assertEquals("x", plan.unknown().getFirst().object().name());
    }

    private static SourcePlan plan(Inventory inventory, ManifestFile... files) {
        return SourcePlanner.plan(Arrays.asList(files), inventory, SourcePlannerTest::keyOf);
    }

    private static Optional<ObjectKey> keyOf(ApiObject object) {
        return object.kind().equals("Unknown")
                ? Optional.empty()
                : Optional.of(key(object.kind().toLowerCase(Locale.ROOT) + "s", object.name()));
    }

    private static ObjectKey key(String plural, String name) {
        return new ObjectKey(GroupResource.core(plural), "default", name);
    }

    /// @param objects `Kind/name`, each four lines from the second on
    private static ManifestFile file(String path, String... objects) {
        String text = Arrays.stream(objects)
                .map(each -> each.split("/"))
                .map(each -> "---\napiVersion: v1\nkind: %s\nmetadata: {name: %s}\n".formatted(each[0], each[1]))
                .collect(Collectors.joining());
        return ManifestParser.parse(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private static ManifestFile bad(String path, String text) {
        return new ManifestFile.Bad(
                path, text, new SourceProblem(path, 1, Reason.MANIFEST_INVALID, "no manifest", true));
    }

    private static List<String> names(SourcePlan plan) {
        return plan.applies().stream()
                .map(step -> step.declaration().object().name())
                .toList();
    }
}
