package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Holds the table of the house: a package, then the packages it may use. Only packages on lines below a package may
/// be named on its line, so a cycle cannot be written. A package that is not in the table does not exist.
class ArchitectureTest {
    private static final String TABLE = """
            app                everything
            app.settings       actor.space desired.meta engine.archive engine.launch engine.layer engine.network engine.oci
            door.apiserver     door.http door.logs door.streams door.usage door.health door.openapi door.pki desired.api desired.kind desired.merge desired.store desired.meta
            door.logs          door.http desired.meta
            door.streams       door.http door.spdy desired.meta
            door.progress      door.health desired.kind desired.store desired.meta
            door.usage         desired.meta
            door.health        desired.kind desired.store desired.meta
            door.distribution  door.http engine.image engine.registry engine.repository engine.content engine.oci
            door.http          door.protobuf door.pki desired.meta
            door.spdy
            door.openapi       desired.kind desired.merge desired.model desired.meta
            door.protobuf      desired.meta
            door.pki           disk
            door.gitops        desired.reconcile desired.api desired.kind desired.store desired.meta disk
            door.cli           door.command door.jsonpath door.session door.client desired.meta
            door.command       door.jsonpath door.client desired.meta
            door.jsonpath
            door.session       door.client desired.meta
            door.client        desired.meta
            actor.container    actor.tag actor.pod actor.resolve actor.image desired.reconcile desired.api desired.kind desired.store desired.model desired.meta engine.image engine.oci
            actor.workload     actor.tag desired.reconcile desired.api desired.kind desired.store desired.model desired.meta
            actor.pod          actor.probe actor.storage actor.resolve actor.image desired.reconcile desired.api desired.kind desired.store desired.model desired.meta engine.runtime engine.image engine.volume engine.oci engine.id
            actor.storage      desired.reconcile desired.kind desired.model desired.meta engine.runtime engine.id
            actor.probe        desired.reconcile desired.meta engine.runtime engine.shim engine.oci engine.id
            actor.resolve      desired.kind desired.model desired.meta engine.runtime engine.image engine.volume engine.id
            actor.volume       actor.space actor.image desired.reconcile desired.api desired.kind desired.store desired.model desired.meta engine.volume engine.image
            actor.image        actor.space actor.build actor.tag actor.registry desired.reconcile desired.api desired.kind desired.store desired.model desired.meta engine.build engine.archive engine.id engine.image engine.signature engine.snapshot engine.registry engine.repository engine.oci disk
            actor.build        desired.store desired.model desired.meta engine.dockerfile engine.build engine.tree engine.oci
            actor.tag          desired.reconcile desired.store desired.model desired.meta engine.image engine.registry engine.repository engine.oci
            actor.registry     desired.reconcile desired.api desired.kind desired.store desired.model desired.meta engine.image engine.registry engine.repository engine.oci
            actor.space        desired.reconcile desired.api desired.kind desired.store desired.model desired.meta engine.build engine.image engine.repository engine.volume engine.snapshot engine.content engine.oci disk
            actor.host         desired.reconcile desired.api desired.kind desired.store desired.model desired.meta
            desired.collect    desired.reconcile desired.api desired.kind desired.store desired.meta
            desired.reconcile  desired.store desired.meta
            desired.api        desired.kind desired.merge desired.store desired.meta
            desired.kind.slipway    desired.kind.workload desired.kind.kubernetes desired.kind desired.model desired.meta
            desired.kind.workload   desired.kind.kubernetes desired.kind desired.model desired.meta
            desired.kind.kubernetes desired.kind desired.model desired.meta
            desired.kind       desired.merge desired.model desired.meta
            desired.merge      desired.meta
            desired.model
            desired.store      desired.meta disk
            desired.meta
            engine.copy        engine.shim engine.layer engine.linux
            engine.archive     engine.image engine.layer engine.snapshot engine.content engine.codec engine.linux engine.oci
            engine.dockerfile  engine.build engine.oci
            engine.build       engine.runtime engine.launch engine.tree engine.elf engine.image engine.layer engine.snapshot engine.content engine.codec engine.linux engine.oci engine.id disk
            engine.runtime     engine.image engine.user engine.shim engine.launch engine.volume engine.network engine.etc engine.cgroup engine.device engine.snapshot engine.linux engine.oci engine.id disk
            engine.tree        engine.elf engine.codec engine.linux engine.oci
            engine.image       engine.signature engine.registry engine.repository engine.joint engine.layer engine.snapshot engine.content engine.codec engine.oci disk
            engine.user        engine.stock engine.shim engine.launch engine.linux engine.id
            engine.shim        engine.plan engine.launch engine.linux disk
            engine.plan        engine.launch engine.linux
            engine.launch      engine.seccomp engine.linux engine.oci
            engine.volume      engine.quota engine.layer engine.codec engine.linux engine.id disk
            engine.network     engine.stock engine.linux engine.id disk
            engine.cgroup      engine.device engine.linux engine.id
            engine.snapshot    engine.quota engine.linux engine.oci disk
            engine.quota       engine.linux
            engine.joint       engine.layer engine.linux
            engine.layer       engine.codec engine.linux engine.oci
            engine.signature   engine.registry engine.repository engine.content engine.oci disk
            engine.repository  engine.content engine.oci disk
            engine.content     engine.codec engine.oci disk
            engine.registry    engine.oci
            engine.codec       engine.oci
            engine.stock
            engine.device
            engine.seccomp
            engine.etc
            engine.elf
            engine.linux
            engine.oci
            engine.id
            disk
            """;

    private static final String ROOT = "dev.slipway.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.slipway");

    @Test
    void a_package_uses_only_what_its_line_allows() {
        Map<String, List<String>> table = table();
        Set<String> broken = new TreeSet<>();

        for (JavaClass type : CLASSES) {
            String from = room(type);
            List<String> allowed = table.getOrDefault(from, List.of());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                String to = target.getPackageName().startsWith(ROOT) ? room(target) : from;
                if (!to.equals(from) && !allowed.contains("everything") && !allowed.contains(to)) {
                    broken.add(from + " must not use " + to + ": " + type.getSimpleName() + " names "
                            + target.getSimpleName());
                }
            }
        }

        assertEquals(Set.of(), broken);
    }

    @Test
    void every_package_has_a_line() {
        Set<String> missing = new TreeSet<>();

        CLASSES.forEach(type -> missing.add(room(type)));
        missing.removeAll(table().keySet());

        assertEquals(Set.of(), missing);
    }

    @Test
    void the_table_names_only_lines_below() {
        List<String> lines = new ArrayList<>(table().keySet());

        table().forEach((room, allowed) -> allowed.stream()
                .filter(name -> !name.equals("everything"))
                .forEach(name -> assertTrue(
                        lines.indexOf(name) > lines.indexOf(room),
                        room + " names " + name + ", which is not below it")));
    }

    private static String room(JavaClass type) {
        return type.getPackageName().substring(ROOT.length());
    }

    private static Map<String, List<String>> table() {
        Map<String, List<String>> table = new LinkedHashMap<>();
        for (String line : TABLE.lines().toList()) {
            List<String> words = Arrays.asList(line.trim().split("\\s+"));
            table.put(words.getFirst(), words.subList(1, words.size()));
        }
        return table;
    }
}
