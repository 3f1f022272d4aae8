package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `Event`: something that happened to an object.
public final class EventKind implements Kind {
    private static final KindName NAME = new KindName("", "v1", "Event", "events", List.of("ev"), Scope.NAMESPACED);

    @Override
    public KindName name() {
        return NAME;
    }

    @Override
    public Class<?> model() {
        return Event.class;
    }

    @Override
    public boolean hasStatus() {
        return false;
    }

    @Override
    public List<String> contentFields() {
        return List.of();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.computed("Last Seen", "When it happened last.", EventKind::lastSeen),
                Column.text("Type", "Normal or Warning.", "/type"),
                Column.text("Reason", "Why, in one word.", "/reason"),
                Column.computed("Object", "What it is about.", (event, now) -> involved(event)),
                Column.text("Subobject", "Which part of it.", "/involvedObject/fieldPath")
                        .wide(),
                Column.computed("Source", "Who reported it.", (event, now) -> source(event))
                        .wide(),
                Column.computed(
                        "Message",
                        "What happened.",
                        (event, now) -> event.tree().path("message").asText().strip()),
                Column.computed("First Seen", "When it happened first.", EventKind::firstSeen)
                        .wide(),
                Column.number("Count", "How often.", (event, now) -> count(event))
                        .wide());
    }

    /// Names of events say nothing to people: they come last, and only when asked for.
    @Override
    public List<Column> table() {
        List<Column> columns = new ArrayList<>(columns());
        columns.add(Column.NAME.wide());
        return columns;
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place involved = Place.of(object, "involvedObject", findings);
        boolean isElsewhere = !involved.at("namespace").isEmpty()
                && !involved.at("namespace").text().equals(object.namespace());
        if (isElsewhere) {
            involved.at("namespace").invalid("does not match event.namespace");
        }
    }

    private static Object lastSeen(ApiObject event, Instant now) {
        return seen(event, List.of("/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/firstTimestamp"), now);
    }

    private static Object firstSeen(ApiObject event, Instant now) {
        return seen(event, List.of("/firstTimestamp", "/eventTime"), now);
    }

    private static String seen(ApiObject event, List<String> times, Instant now) {
        for (String pointer : times) {
            JsonNode time = event.tree().at(pointer);
            if (time.isTextual()) {
                return Column.age(time, now);
            }
        }
        return Column.age(event.metadata().path("creationTimestamp"), now);
    }

    private static String involved(ApiObject event) {
        JsonNode involved = event.tree().path("involvedObject");
        return involved.path("kind").asText().toLowerCase(Locale.ROOT) + "/"
                + involved.path("name").asText();
    }

    private static String source(ApiObject event) {
        String component = event.tree().at("/source/component").asText();
        String host = event.tree().at("/source/host").asText();
        if (component.isEmpty()) {
            return event.tree().path("reportingComponent").asText();
        }
        return host.isEmpty() ? component : component + ", " + host;
    }

    private static int count(ApiObject event) {
        int inSeries = event.tree().at("/series/count").asInt();
        return inSeries > 0 ? inSeries : Math.max(1, event.tree().path("count").asInt());
    }
}
