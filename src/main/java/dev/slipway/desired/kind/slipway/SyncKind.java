package dev.slipway.desired.kind.slipway;

import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.model.SyncSpec;
import dev.slipway.desired.model.SyncStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Sync`: a directory of manifests, and how far this host is equal to it. The engine makes one for each directory that
/// it is started with; clients read them.
final class SyncKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Sync", "syncs", "sync", Scope.NAMESPACED);
    }

    @Override
    public Class<?> model() {
        return SyncSpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return SyncStatus.class;
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Directory", "Where the manifests are.", "/spec/source/directory/path"),
                Column.number("Objects", "What has been applied from it.", (object, now) -> object.status()
                        .path("inventory")
                        .size()),
                OwnKind.ready(),
                Column.computed("Status", "What is wrong, with file and line.", (object, now) -> Conditions.find(
                                object.status(), "Ready")
                        .map(ready -> ready.message())
                        .orElse("")),
                Column.AGE);
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        if (before == null) {
            findings.forbidden("spec.source", "name the directory when you start the engine: --manifests DIR");
        } else if (!object.spec().equals(before.spec())) {
            findings.forbidden("spec", "is given by how the engine was started");
        }
    }
}
