package dev.slipway.door.progress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.door.health.StatusRules;
import dev.slipway.door.health.UnreadyPods;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds what a directory declares, by its `Sync`, and how that stands.
///
/// @param began images that were made since then belong to the picture too: pods ask for them by name
record OverviewRenderer(Path directory, Instant began) {
    private static final GroupResource SYNCS = new GroupResource("slipway.dev", "syncs");
    private static final GroupResource IMAGES = new GroupResource("slipway.dev", "images");
    private static final Set<GroupResource> KEEP_PODS =
            Set.of(new GroupResource("apps", "deployments"), new GroupResource("apps", "replicasets"));

    Overview render(ObjectFeed feed, Instant now) {
        Optional<ApiObject> sync = feed.list(SYNCS).stream()
                .filter(each ->
                        each.spec().at("/source/directory/path").asText().equals(directory.toString()))
                .findFirst();
        if (sync.isEmpty()) {
            return new Overview(false, List.of());
        }
        Set<ObjectKey> declared = inventory(sync.get());
        boolean keepsPods = declared.stream().anyMatch(key -> KEEP_PODS.contains(key.resource()));
        RowRenderer renderer = new RowRenderer(keepsPods ? UnreadyPods.among(feed::list) : UnreadyPods.NONE, now);
        List<Row> rows = new ArrayList<>(problems(sync.get(), feed.kinds(), renderer));
        declared.forEach(key -> rows.add(declared(key, feed, renderer)));
        for (ApiObject image : feed.list(IMAGES)) {
            ObjectKey key = new ObjectKey(IMAGES, "", image.name());
            if (!declared.contains(key) && belongs(image)) {
                feed.kinds().find(IMAGES).ifPresent(kind -> rows.add(renderer.render(image, kind, false)));
            }
        }
        return new Overview(true, rows);
    }

    /// What keeps the directory from being applied: each bad file, or the `Sync` itself.
    private static List<Row> problems(ApiObject sync, Kinds kinds, RowRenderer renderer) {
        boolean isLasting = Conditions.isTrue(sync.status(), "Stalled");
        List<Row> rows = new ArrayList<>();
        for (JsonNode error : sync.status().path("errors")) {
            if (!error.path("file").asText().isEmpty()) {
                rows.add(file(error, isLasting ? Row.Mark.FAILED : Row.Mark.BUSY));
            }
        }
        Kind kind = kinds.find(SYNCS).orElseThrow();
        if (rows.isEmpty() && StatusRules.problem(sync, kind, UnreadyPods.NONE).isPresent()) {
            rows.add(renderer.render(sync, kind, true));
        }
        return rows;
    }

    private static Row file(JsonNode error, Row.Mark mark) {
        String line = error.path("line").isNumber() ? ":" + error.path("line").asInt() : "";
        String reason = error.path("reason").asText();
        String message = error.path("message").asText();
        return new Row(
                new Row.Subject("File", "", error.path("file").asText() + line, true),
                mark,
                reason,
                message,
                reason + ", " + message,
                List.of());
    }

    private static Set<ObjectKey> inventory(ApiObject sync) {
        Set<ObjectKey> keys = new LinkedHashSet<>();
        for (JsonNode entry : sync.status().path("inventory")) {
            GroupResource resource = new GroupResource(
                    entry.path("group").asText(), entry.path("resource").asText());
            keys.add(new ObjectKey(
                    resource,
                    entry.path("namespace").asText(),
                    entry.path("name").asText()));
        }
        return keys;
    }

    private static Row declared(ObjectKey key, ObjectFeed feed, RowRenderer renderer) {
        Optional<Kind> kind = feed.kinds().find(key.resource());
        Optional<ApiObject> object = feed.find(key);
        if (kind.isPresent() && object.isPresent()) {
            return renderer.render(object.get(), kind.get(), true);
        }
        String name = kind.map(each -> each.name().kind()).orElse(key.resource().plural());
        return RowRenderer.missing(new Row.Subject(name, key.namespace(), key.name(), true));
    }

    private boolean belongs(ApiObject image) {
        return Conditions.isTrue(image.status(), "Reconciling") || !made(image).isBefore(began);
    }

    private static Instant made(ApiObject object) {
        try {
            return Instant.parse(object.metadata().path("creationTimestamp").asText());
        } catch (DateTimeException e) {
            return Instant.MIN;
        }
    }
}
