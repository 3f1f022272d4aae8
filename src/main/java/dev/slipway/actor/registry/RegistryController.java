package dev.slipway.actor.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.registry.RegistrySettings;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Has the registry client go by what Registry objects say, from the next question on. Whether a registry answers is
/// asked once when its object changes, and then learned from those who use it. Thread-safe.
public final class RegistryController implements Controller {
    private static final Logger LOG = Logger.getLogger(RegistryController.class);
    private static final GroupResource REGISTRIES = new GroupResource(OwnGroup.GROUP, "registries");

    private final ObjectApi objects;
    private final InstantSource clock;
    private final RegistryClient client;
    private final RegistryReader reader;
    private final RegistryReach reach;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectKey, RegistryReader.Reading> probed = new ConcurrentHashMap<>();
    private RegistrySettings used = RegistrySettings.STANDARD;

    public RegistryController(ObjectApi objects, RegistryClient client, RegistryReach reach, InstantSource clock) {
        this.objects = objects;
        this.clock = clock;
        this.client = client;
        this.reader = new RegistryReader(new PullSecrets(objects.store()));
        this.reach = reach;
    }

    @Override
    public GroupResource resource() {
        return REGISTRIES;
    }

    /// A Secret concerns the registries that name it.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        if (!changed.kind().equals("Secret")) {
            return List.of();
        }
        ObjectKey secret = PullSecrets.key(changed.namespace(), changed.name());
        return registries().stream()
                .filter(registry -> RegistryReader.secrets(registry).contains(secret))
                .map(RegistryController::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        try {
            apply();
            Optional<ApiObject> found = objects.store().get(key);
            if (found.isEmpty()) {
                probed.remove(key);
            } else {
                report(key, found.get());
            }
            return Result.SETTLED;
        } catch (ApiException e) {
            LOG.warnf("registry not reported registry=%s: %s", key.name(), e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    /// All of them together, because one Registry's mirror may be another's host. Where several are of one host,
    /// the oldest counts.
    private void apply() {
        Map<String, RegistrySettings.Host> hosts = new HashMap<>();
        for (ApiObject registry : registries()) {
            RegistryReader.Reading reading = reader.read(registry);
            hosts.putIfAbsent(reading.host(), reading.settings());
        }
        RegistrySettings settings = new RegistrySettings(hosts);
        lock.lock();
        try {
            if (!settings.equals(used)) {
                used = settings;
                client.use(settings);
            }
        } finally {
            lock.unlock();
        }
    }

    private List<ApiObject> registries() {
        return objects.store().list(REGISTRIES, "").items().stream()
                .filter(registry -> registry.deletionTimestamp().isEmpty())
                .sorted(Comparator.comparing((ApiObject registry) ->
                                registry.metadata().path("creationTimestamp").asText())
                        .thenComparing(ApiObject::name))
                .toList();
    }

    private void report(ObjectKey key, ApiObject object) throws ApiException {
        RegistryReader.Reading reading = reader.read(object);
        if (!reading.equals(probed.put(key, reading))) {
            probe(reading.host());
        }
        ObjectNode status = object.status() instanceof ObjectNode before
                ? before.deepCopy()
                : ObjectCodec.json().createObjectNode();
        status.put("observedGeneration", object.generation());
        RegistryReach.Reach known = reach.of(reading.host()).orElse(RegistryReach.Reach.WELL);
        status.put("reachable", known.reachable());
        status.remove("lastError");
        if (!known.error().isEmpty()) {
            status.put("lastError", known.error());
        }
        for (Condition condition : conditions(object, reading, known)) {
            Conditions.set(status, condition, object.generation(), clock.instant());
        }
        objects.report(kind(), object, status);
    }

    private void probe(String host) {
        try {
            client.probe(host);
            reach.set(host, RegistryReach.Reach.WELL);
        } catch (RegistryException e) {
            reach.set(host, new RegistryReach.Reach(false, String.valueOf(e.getMessage())));
        } catch (IOException e) {
            LOG.debugf("registry not asked host=%s reason=%s", host, e.getMessage());
        }
    }

    private List<Condition> conditions(ApiObject object, RegistryReader.Reading reading, RegistryReach.Reach known) {
        Optional<String> older = registries().stream()
                .filter(other -> reader.read(other).host().equals(reading.host()))
                .map(ApiObject::name)
                .findFirst()
                .filter(first -> !first.equals(object.name()));
        if (older.isPresent()) {
            return unready(Reason.CONFLICT, "Registry %s is of the same host".formatted(older.get()), true);
        }
        if (!reading.problems().isEmpty()) {
            return unready(Reason.INVALID_SPEC, String.join("; ", reading.problems()), true);
        }
        return known.reachable() ? ready() : unready(Reason.REGISTRY_UNAVAILABLE, known.error(), false);
    }

    private static List<Condition> ready() {
        return List.of(
                Condition.yes("Ready", Reason.SUCCEEDED, ""),
                Condition.no("Reconciling", Reason.SUCCEEDED, ""),
                Condition.no("Stalled", Reason.SUCCEEDED, ""));
    }

    private static List<Condition> unready(Reason reason, String message, boolean stalled) {
        return List.of(
                Condition.no("Ready", reason, message),
                Condition.no("Reconciling", reason, ""),
                stalled ? Condition.yes("Stalled", reason, message) : Condition.no("Stalled", reason, ""));
    }

    private static ObjectKey key(ApiObject registry) {
        return new ObjectKey(REGISTRIES, "", registry.name());
    }

    private Kind kind() {
        return objects.kinds().find(REGISTRIES).orElseThrow();
    }
}
