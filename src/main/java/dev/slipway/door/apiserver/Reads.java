package dev.slipway.door.apiserver;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ListOptions;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Page;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import java.time.Duration;
import java.time.InstantSource;

/// Answers GET: one object, a collection, or a watch, in the form that the client asks for.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions Kubernetes: resource versions
final class Reads {
    private static final Duration LONGEST_WATCH = Duration.ofMinutes(45);
    private static final String NOT_OLDER_THAN = "NotOlderThan";
    private static final String EXACT = "Exact";

    private final ObjectApi objects;
    private final InstantSource clock;

    Reads(ObjectApi objects, InstantSource clock) {
        this.objects = objects;
        this.clock = clock;
    }

    Reply answer(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        if (request.query().flag("watch")) {
            return watch(request, kind, path);
        }
        return path.name().isEmpty() ? list(request, kind, path) : get(request, kind, path);
    }

    /// The object that the path names.
    ApiObject object(Kind kind, ResourcePath path) throws ApiException {
        return objects.get(Kinds.key(kind, path.namespace(), path.name()));
    }

    private Reply get(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        requireReached(request.query());
        return Reply.ok(rendering(request, kind).object(object(kind, path)));
    }

    private Reply list(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        Query query = request.query();
        Selection selection = Selection.of(query, kind.name());
        requireReached(query);
        int limit = (int) Math.min(query.number("limit").orElse(0), Integer.MAX_VALUE);
        ListOptions options = new ListOptions(selection.labels(), selection.fields(), limit, query.text("continue"));
        Page page = objects.list(kind.name().resource(), path.namespace(), options);
        requireExact(query, page.resourceVersion());
        return Reply.ok(rendering(request, kind).list(page));
    }

    private Reply watch(ApiRequest request, Kind kind, ResourcePath path) {
        Query query = request.query();
        Selection collection = Selection.of(query, kind.name());
        Selection selection = path.name().isEmpty() ? collection : collection.named(path.name());
        WatchStream.Scope scope = new WatchStream.Scope(kind.name().resource(), path.namespace(), selection::holds);
        return new Reply.Stream(
                Reply.JSON, new WatchStream(objects.store(), scope, rendering(request, kind), watchOptions(query)));
    }

    private WatchOptions watchOptions(Query query) {
        boolean tellsInitial = !query.text("sendInitialEvents").isEmpty();
        if (tellsInitial && !query.text("resourceVersionMatch").equals(NOT_OLDER_THAN)) {
            throw new RefusedException(
                    422, "Invalid", "sendInitialEvents is forbidden without resourceVersionMatch=NotOlderThan");
        }
        boolean sendsInitial = query.flag("sendInitialEvents");
        long from = version(query);
        if (from == 0 && tellsInitial && !sendsInitial) {
            from = objects.store().resourceVersion();
        }
        Duration timeout = query.seconds("timeoutSeconds").orElse(LONGEST_WATCH);
        return new WatchOptions(
                from,
                sendsInitial,
                query.flag("allowWatchBookmarks"),
                timeout.compareTo(LONGEST_WATCH) < 0 ? timeout : LONGEST_WATCH);
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
        return query.number("resourceVersion").orElse(0);
    }

    /// A client must not be shown a past that it has left.
    private void requireReached(Query query) {
        long current = objects.store().resourceVersion();
        if (version(query) > current) {
            throw new RefusedException(
                    504, "Timeout", "Too large resource version: %d, current: %d".formatted(version(query), current));
        }
    }

    /// Only the present is kept, so that a past version can be had exactly only while nothing has changed since.
    private static void requireExact(Query query, long current) throws ApiException {
        String match = query.text("resourceVersionMatch");
        if (!match.isEmpty() && !match.equals(EXACT) && !match.equals(NOT_OLDER_THAN)) {
            throw RefusedException.badRequest("resourceVersionMatch must be Exact or NotOlderThan");
        }
        if (match.equals(EXACT) && version(query) != current) {
            throw ApiException.expired("the resourceVersion for the provided list is too old");
        }
    }
}
