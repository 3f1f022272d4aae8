package dev.slipway.door.apiserver;

import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.store.ObjectList;
import dev.slipway.desired.store.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;

/// Answers GET: one object, a collection, or a watch, in the form that the client asks for.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions Kubernetes: resource versions
final class Reads {
    private static final Duration LONGEST_WATCH = Duration.ofMinutes(45);
    private static final String NOT_OLDER_THAN = "NotOlderThan";
    private static final String EXACT = "Exact";

    private final ObjectStore store;
    private final InstantSource clock;

    Reads(ObjectStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    Reply answer(ApiRequest request, Kind kind, ResourcePath path) {
        boolean isWatch = request.query().flag("watch");
        if (isWatch) {
            return watch(request, kind, path);
        }
        return path.name().isEmpty() ? list(request, kind, path) : get(request, kind, path);
    }

    /// The object that the path names.
    ///
    /// @throws RefusedException when there is none
    ApiObject object(Kind kind, ResourcePath path) {
        return store.get(Kinds.key(kind, path.namespace(), path.name()))
                .orElseThrow(() -> StatusDocuments.notFound(kind.name(), path.name()));
    }

    private Reply get(ApiRequest request, Kind kind, ResourcePath path) {
        ApiObject object = object(kind, path);
        requireReached(request.query());
        return Reply.ok(rendering(request, kind).object(object));
    }

    private Reply list(ApiRequest request, Kind kind, ResourcePath path) {
        Query query = request.query();
        Selection selection = Selection.of(query, kind.name());
        requireReached(query);
        ObjectList all = store.list(kind.name().resource(), path.namespace());
        requireExact(query, all.resourceVersion());
        List<ApiObject> selected = all.items().stream().filter(selection::holds).toList();
        ListPage page = ListPage.of(selected, query, all.resourceVersion());
        return Reply.ok(rendering(request, kind).list(page.objects(), page.page()));
    }

    private Reply watch(ApiRequest request, Kind kind, ResourcePath path) {
        Query query = request.query();
        Selection all = Selection.of(query, kind.name());
        Selection selection = path.name().isEmpty() ? all : all.named(path.name());
        boolean sendsInitial = query.flag("sendInitialEvents");
        if (!query.text("sendInitialEvents").isEmpty()
                && !query.text("resourceVersionMatch").equals(NOT_OLDER_THAN)) {
            throw new RefusedException(
                    422, "Invalid", "sendInitialEvents is forbidden without resourceVersionMatch=NotOlderThan");
        }
        Duration timeout = query.seconds("timeoutSeconds").orElse(LONGEST_WATCH);
        long from = version(query);
        boolean skipsInitial = !sendsInitial && !query.text("sendInitialEvents").isEmpty();
        WatchOptions options = new WatchOptions(
                skipsInitial && from == 0 ? store.resourceVersion() : from,
                sendsInitial,
                query.flag("allowWatchBookmarks"),
                timeout.compareTo(LONGEST_WATCH) < 0 ? timeout : LONGEST_WATCH);
        WatchStream.Scope scope = new WatchStream.Scope(kind.name().resource(), path.namespace(), selection::holds);
        return new Reply.Stream(Reply.JSON, new WatchStream(store, scope, rendering(request, kind), options));
    }

    private Rendering rendering(ApiRequest request, Kind kind) {
        if (request.accepts("Table")) {
            TableRows.Include include = TableRows.Include.parse(request.query().text("includeObject"));
            return new TableRows(kind, include, clock);
        }
        if (request.accepts("PartialObjectMetadata") || request.accepts("PartialObjectMetadataList")) {
            return new MetadataOnly();
        }
        return new WholeObjects(kind.name().apiVersion(), kind.name().kind());
    }

    private static long version(Query query) {
        OptionalLong version = query.number("resourceVersion");
        return version.orElse(0);
    }

    /// A client must not be shown a past that it has left.
    private void requireReached(Query query) {
        if (version(query) > store.resourceVersion()) {
            throw new RefusedException(
                    504,
                    "Timeout",
                    "Too large resource version: %d, current: %d".formatted(version(query), store.resourceVersion()));
        }
    }

    /// Only the present is kept, so that a past version can be had exactly only while nothing has changed since.
    private static void requireExact(Query query, long current) {
        String match = query.text("resourceVersionMatch");
        if (!match.isEmpty() && !match.equals(EXACT) && !match.equals(NOT_OLDER_THAN)) {
            throw RefusedException.badRequest("resourceVersionMatch must be Exact or NotOlderThan");
        }
        if (match.equals(EXACT) && version(query) != current) {
            throw new RefusedException(410, "Expired", "The resourceVersion for the provided list is too old.");
        }
    }
}
