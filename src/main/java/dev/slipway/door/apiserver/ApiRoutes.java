package dev.slipway.door.apiserver;

import dev.slipway.door.health.RequestCounts;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.BodyStream;
import dev.slipway.door.http.Endpoint;
import dev.slipway.door.http.Gate;
import dev.slipway.door.http.Pace;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.Responder;
import dev.slipway.door.http.StatusDocuments;
import dev.slipway.door.http.UpgradeOffer;
import dev.slipway.door.pki.Credentials;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Takes requests from the event loop to a worker, and sends each to who answers it. This is the root of every
/// request's task: what nobody expected becomes `500` and a line in the log here, and nowhere else.
final class ApiRoutes {
    private static final Logger LOG = Logger.getLogger(ApiRoutes.class);
    private static final String CALLER = "caller";
    private static final long SLOWEST_BYTES_PER_SECOND = 1024;

    private final ApiSettings settings;
    private final ApiParts parts;
    private final Gate gate;
    private final Responder responder;
    private final RequestCounts counts = new RequestCounts();
    private final Map<String, Endpoint> endpoints;

    ApiRoutes(ApiSettings settings, ApiParts parts, Supplier<Credentials> credentials) {
        this.settings = settings;
        this.parts = parts;
        this.gate = new Gate(credentials, settings.hosts());
        this.responder = new Responder(settings.clientPatience());
        this.endpoints = Endpoints.of(parts, counts);
    }

    void mount(Router router) {
        router.route().handler(this::admit);
        router.route().handler(this::dispatchOffer);
        router.route().handler(this::dispatchUpload);
        router.route().handler(BodyHandler.create(false).setBodyLimit(settings.bodyLimitBytes()));
        router.route().handler(this::dispatch);
        router.route().failureHandler(this::fail);
    }

    private void admit(RoutingContext context) {
        context.put(CALLER, gate.admit(context.request()));
        context.next();
    }

    /// A connection can become something else only as long as its body has not been read.
    private void dispatchOffer(RoutingContext context) {
        if (UpgradeOffer.of(context.request()).isPresent()) {
            context.request().pause();
            dispatch(context);
        } else {
            context.next();
        }
    }

    /// What may be large is not collected, but read as it comes by who wants it.
    private void dispatchUpload(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (request.method().equals(HttpMethod.PUT) && ResourcePath.namesPart(segments(request), "archive")) {
            Pace pace = new Pace(settings.clientPatience(), SLOWEST_BYTES_PER_SECOND);
            dispatch(context, BodyStream.of(request, context.vertx().getOrCreateContext(), pace));
        } else {
            context.next();
        }
    }

    private void dispatch(RoutingContext context) {
        dispatch(context, InputStream.nullInputStream());
    }

    private void dispatch(RoutingContext context, InputStream upload) {
        ApiRequest request = request(context, upload);
        try {
            parts.workers().execute(() -> serve(context, request));
        } catch (RejectedExecutionException e) {
            throw new RefusedException(503, "ServiceUnavailable", "the engine is stopping");
        }
    }

    private void serve(RoutingContext context, ApiRequest request) {
        try {
            Reply reply = answer(request);
            counts.answered(request.method(), reply.code());
            send(context, request, reply);
        } catch (InterruptedException | IOException e) {
            context.response().reset();
        } catch (RuntimeException | Error e) {
            LOG.errorf(
                    e,
                    "request failed method=%s path=%s",
                    request.method(),
                    context.request().path());
            context.response().reset();
        }
    }

    private void send(RoutingContext context, ApiRequest request, Reply reply)
            throws IOException, InterruptedException {
        if (request.upload() instanceof BodyStream body && !body.drain()) {
            responder.send(context.request(), reply);
            body.giveUp();
        } else if (reply instanceof Reply.Stream || reply instanceof Reply.Upgrade) {
            counts.streaming(() -> responder.send(context.request(), reply));
        } else {
            responder.send(context.request(), reply);
        }
    }

    private Reply answer(ApiRequest request) throws InterruptedException {
        try {
            String root = request.segments().isEmpty() ? "" : request.segments().getFirst();
            Endpoint endpoint = endpoints.get(root);
            if (endpoint == null) {
                throw RefusedException.notFound();
            }
            return endpoint.answer(request);
        } catch (RefusedException e) {
            return StatusDocuments.reply(e);
        } catch (IOException | RuntimeException e) {
            LOG.errorf(e, "request failed method=%s path=/%s", request.method(), String.join("/", request.segments()));
            return StatusDocuments.reply(new RefusedException(500, "InternalError", String.valueOf(e.getMessage())));
        }
    }

    /// What failed before the worker: admission, or a body that is too large.
    private void fail(RoutingContext context) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        RefusedException refusal = context.failure() instanceof RefusedException refused
                ? refused
                : context.statusCode() == 413
                        ? new RefusedException(
                                413,
                                "RequestEntityTooLarge",
                                "the body is larger than " + settings.bodyLimitBytes() + " bytes")
                        : unexpected(context);
        counts.answered(context.request().method().name(), refusal.code());
        if (refusal.code() == 401) {
            context.response().putHeader("WWW-Authenticate", "Bearer realm=\"slipway\"");
        }
        responder.document(context.response(), StatusDocuments.reply(refusal));
    }

    private static RefusedException unexpected(RoutingContext context) {
        int code = context.statusCode() < 400 ? 500 : context.statusCode();
        if (code >= 500) {
            LOG.errorf(
                    context.failure(),
                    "request failed path=%s",
                    context.request().path());
        }
        String text = HttpResponseStatus.valueOf(code).reasonPhrase();
        return new RefusedException(code, text.replace(" ", ""), text);
    }

    private static ApiRequest request(RoutingContext context, InputStream upload) {
        HttpServerRequest request = context.request();
        byte[] body = context.body().buffer() == null
                ? new byte[0]
                : context.body().buffer().getBytes();
        return new ApiRequest(
                request.method().name(),
                segments(request),
                new Query(request.params()),
                header(request, "Accept"),
                ApiRequest.mediaType(header(request, "Content-Type")),
                header(request, "User-Agent"),
                body,
                upload,
                UpgradeOffer.of(request),
                Objects.requireNonNull(context.get(CALLER)));
    }

    private static List<String> segments(HttpServerRequest request) {
        return Arrays.stream(request.path().split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
    }

    private static String header(HttpServerRequest request, String name) {
        return Objects.requireNonNullElse(request.getHeader(name), "");
    }
}
