package dev.slipway.actor.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/// Keeps the Node of this host true: made at the first round, made again when somebody deletes it. [#key] is to be
/// touched at start, because no object is there to give it its first round. Thread-safe.
///
/// A look at the host each minute finds out whether it runs short of something; what did not change is not written.
/// Heartbeats are left out on purpose: they tell a control plane elsewhere that a node still lives, and here whoever
/// can read the Node is answered by the engine itself.
public final class NodeController implements Controller {
    private static final Logger LOG = Logger.getLogger(NodeController.class);
    private static final GroupResource NODES = GroupResource.core("nodes");
    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final WriteOptions ENGINE = WriteOptions.by("");

    private final ObjectApi objects;
    private final Source source;
    private final NodeSettings settings;
    private final EventRecorder recorder;
    private final InstantSource clock;
    private final AtomicBoolean told = new AtomicBoolean();

    /// Where facts come from: [HostFactsReader#read], or a test.
    @FunctionalInterface
    public interface Source {
        HostFacts read() throws IOException;
    }

    public NodeController(
            ObjectApi objects, Source source, NodeSettings settings, EventRecorder recorder, InstantSource clock) {
        this.objects = objects;
        this.source = source;
        this.settings = settings;
        this.recorder = recorder;
        this.clock = clock;
    }

    @Override
    public GroupResource resource() {
        return NODES;
    }

    /// Of the Node of this host.
    public ObjectKey key() {
        return new ObjectKey(NODES, "", settings.name());
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        if (!key.equals(key())) {
            return Result.SETTLED;
        }
        try {
            HostFacts host = source.read();
            ApiObject node = present(host);
            ObjectNode status = NodeRenderer.status(node.status(), host, settings, clock.instant());
            objects.report(kind(), node, status);
            tell(node, status);
            return new Result.Again(LOOK);
        } catch (IOException e) {
            LOG.warnf("host not looked at: %s", e.getMessage());
            return new Result.Waiting(Reason.INTERNAL_ERROR.toString(), Duration.ZERO);
        } catch (ApiException e) {
            LOG.warnf("node not reported node=%s: %s", settings.name(), e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    /// The Node, made if it is missing, with the labels that name this host.
    private ApiObject present(HostFacts host) throws ApiException {
        Optional<ApiObject> found = objects.store().get(key());
        if (found.isEmpty()) {
            return objects.create(kind(), "", NodeRenderer.node(settings.name(), host), ENGINE)
                    .object();
        }
        ObjectNode labels = NodeRenderer.labels(host, settings.name());
        boolean hasThem = labels.properties().stream()
                .allMatch(label ->
                        label.getValue().asText().equals(found.get().labels().get(label.getKey())));
        if (hasThem) {
            return found.get();
        }
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        changes.putObject("metadata").set("labels", labels);
        return objects.patch(kind(), key(), new Patch.Merge(changes), ENGINE).object();
    }

    private void tell(ApiObject node, JsonNode status) {
        Involved about = Involved.of(node);
        if (told.compareAndSet(false, true)) {
            recorder.normal(about, Reason.STARTING, "Starting slipway " + settings.version() + ".");
        }
        Conditions.find(status, "DiskPressure")
                .filter(disk -> disk.status() == Condition.Status.TRUE)
                .filter(disk -> !Conditions.isTrue(node.status(), "DiskPressure"))
                .ifPresent(disk -> recorder.warning(about, Reason.NODE_HAS_DISK_PRESSURE, disk.message()));
    }

    private Kind kind() {
        return objects.kinds().find(NODES).orElseThrow();
    }
}
