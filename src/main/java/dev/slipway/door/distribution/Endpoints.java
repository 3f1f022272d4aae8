package dev.slipway.door.distribution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.door.distribution.AccessControl.Action;
import dev.slipway.door.http.BrokenRequestException;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/// Answers the requests of one registry. Safe for use by many threads.
final class Endpoints {
    private static final Logger LOG = Logger.getLogger(Endpoints.class);

    private final View view;
    private final AccessControl access;
    private final Blobs blobs;
    private final Manifests manifests;
    private final Referrers referrers;
    private final Uploads uploads;

    Endpoints(View view, AccessControl access, Uploads uploads, Mirrors mirrors) {
        this.view = view;
        this.access = access;
        this.blobs = new Blobs(view, view.content(), mirrors);
        this.manifests = new Manifests(view, mirrors);
        this.referrers = new Referrers(view, mirrors);
        this.uploads = uploads;
    }

    /// The root of a request's task: what nobody expected becomes `500` and a line in the log.
    Answer answer(Request request) {
        try {
            if (!request.header("Origin").isEmpty()) {
                // No client of the protocol sends it, but every page in a browser that wants to change something does.
                throw new RefusedException(403, ErrorCode.DENIED, "requests of web pages are refused");
            }
            Route route = Route.of(request.path())
                    .orElseThrow(() -> new RefusedException(404, ErrorCode.UNSUPPORTED, "there is nothing here"));
            return dispatch(request, route);
        } catch (RefusedException e) {
            return e.answer();
        } catch (BrokenRequestException e) {
            LOG.debugf("request broke off path=%s reason=\"%s\"", request.path(), e.getMessage());
            return Answer.error(400, ErrorCode.SIZE_INVALID, "the request broke off");
        } catch (IOException e) {
            LOG.warnf("request failed method=%s path=%s reason=\"%s\"", request.method(), request.path(), e);
            return Answer.error(500, ErrorCode.UNKNOWN, "the request failed on this side");
        } catch (RuntimeException e) {
            LOG.errorf(e, "request failed method=%s path=%s", request.method(), request.path());
            return Answer.error(500, ErrorCode.UNKNOWN, "the request failed on this side");
        }
    }

    private Answer dispatch(Request request, Route route) throws IOException {
        return switch (route) {
            case Route.Token token -> access.token(request);
            case Route.Base base -> {
                access.readable(request, "");
                yield Answer.json(200, Answer.MAPPER.createObjectNode());
            }
            case Route.Catalog catalog -> catalog(request);
            case Route.InRepository inside -> {
                String user = access.authorize(request, inside.name(), action(request, inside));
                yield inside(request, inside, user);
            }
        };
    }

    /// Who writes may look at what he writes.
    private static Action action(Request request, Route.InRepository route) {
        boolean isUpload = route instanceof Route.Uploads || route instanceof Route.Upload;
        if (request.isRead() && !isUpload) {
            return Action.PULL;
        }
        return request.method().equals("DELETE") && !isUpload ? Action.DELETE : Action.PUSH;
    }

    private Answer inside(Request request, Route.InRepository route, String user) throws IOException {
        Meant meant = meant(request, route.name(), request.parameter("ns").orElse(""));
        return switch (route) {
            case Route.Tags tags when request.isRead() -> tags(request, meant, tags.name());
            case Route.ManifestOf manifest
            when request.isRead() -> manifests.read(request, meant, manifest, pushes(request, manifest.name()));
            case Route.ManifestOf manifest when request.method().equals("PUT") -> write(request, meant, manifest, user);
            case Route.ManifestOf manifest when request.method().equals("DELETE") -> manifests.delete(meant, manifest);
            case Route.Referrers listed when request.isRead() -> referrers.read(request, meant, listed);
            case Route.Blob blob when request.isRead() -> blobs.read(request, meant, blob);
            case Route.Blob blob when request.method().equals("DELETE") -> delete(blob);
            case Route.Uploads begun
            when request.method().equals("POST") -> uploads.begin(request, begun, mountable(request));
            case Route.Upload upload -> upload(request, upload);
            case Route.Tags refused -> throw unsupported(request);
            case Route.ManifestOf refused -> throw unsupported(request);
            case Route.Referrers refused -> throw unsupported(request);
            case Route.Blob refused -> throw unsupported(request);
            case Route.Uploads refused -> throw unsupported(request);
        };
    }

    /// Most of those who may push only read.
    private boolean pushes(Request request, String path) {
        return access.pushes(request, path, uploads.isPushedTo(view.own(path)));
    }

    /// Who is refused an index, because he was told that a part of it is here, brings that part when he tries
    /// again.
    private Answer write(Request request, Meant meant, Route.ManifestOf manifest, String user) throws IOException {
        try {
            Answer answer = manifests.write(request, meant, manifest, user);
            uploads.note(view.own(manifest.name()));
            return answer;
        } catch (RefusedException e) {
            if (e.code() == ErrorCode.MANIFEST_BLOB_UNKNOWN) {
                uploads.note(view.own(manifest.name()));
            }
            throw e;
        }
    }

    private Answer upload(Request request, Route.Upload route) throws IOException {
        return switch (request.method()) {
            case "GET", "HEAD" -> uploads.status(route);
            case "PATCH" -> uploads.append(request, route);
            case "PUT" -> uploads.finish(request, route);
            case "DELETE" -> uploads.cancel(route);
            default -> throw unsupported(request);
        };
    }

    private Meant meant(Request request, String path, String namespace) {
        return view.meant(path, namespace, access.seesGuarded(request, path));
    }

    /// What a blob may be mounted from.
    private Meant mountable(Request request) {
        String from = request.parameter("from").orElse("");
        return Repository.isPath(from) && access.reads(request, from)
                ? meant(request, from, "")
                : new Meant(List.of(), false, false);
    }

    private Answer tags(Request request, Meant meant, String name) {
        if (!view.exists(meant)) {
            throw new RefusedException(404, ErrorCode.NAME_UNKNOWN, "there is no repository " + name);
        }
        ObjectNode frame = Answer.MAPPER.createObjectNode().put("name", name);
        return Lists.page(request, frame, "tags", view.tags(meant), "/v2/" + name + "/tags/list");
    }

    private Answer catalog(Request request) {
        if (!request.isRead()) {
            throw unsupported(request);
        }
        AccessControl.Readable readable = access.readable(request, "registry:catalog:*");
        TreeSet<String> paths = new TreeSet<>(view.paths(readable::seesGuarded));
        paths.removeIf(path -> !readable.reads(path));
        return Lists.page(request, Answer.MAPPER.createObjectNode(), "repositories", paths, "/v2/_catalog");
    }

    /// A blob that a manifest needs stays; the registry would break what it serves.
    private Answer delete(Route.Blob route) throws IOException {
        Digest digest = digest(route.digest());
        Repository repository = view.own(route.name());
        if (!view.repositories().has(repository, digest) || !view.content().contains(digest)) {
            throw new RefusedException(404, ErrorCode.BLOB_UNKNOWN, "the repository does not have " + digest);
        }
        if (!view.repositories().release(repository, digest)) {
            throw new RefusedException(403, ErrorCode.DENIED, "a manifest of the repository needs the blob");
        }
        view.images().free(Set.of(digest));
        return Answer.of(202, Map.of());
    }

    private static Digest digest(String text) {
        return Digest.parse(text).orElseThrow(() -> RefusedException.invalidDigest(text));
    }

    private static RefusedException unsupported(Request request) {
        return RefusedException.unsupported(request.method() + " is not possible here");
    }
}
