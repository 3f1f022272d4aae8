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
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.RepositoryStatistics;
import dev.slipway.engine.repository.Serving;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Has the registry client go by what Registry objects say, and has registries served here.
/// Whether a registry answers is asked once when its object changes, and then learned from those who use it.
/// Thread-safe.
public final class RegistryController implements Controller {
    private static final Logger LOG = Logger.getLogger(RegistryController.class);

    private final ObjectApi objects;
    private final InstantSource clock;
    private final RegistryClient client;
    private final RegistryServers servers;
    private final Repositories repositories;
    private final RegistryReader reader;
    private final DeclaredRegistries declared;
    private final ServingReader servings;
    private final RegistryReach reach;
    private final Consumer<String> changed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectKey, RegistryReader.Reading> probed = new ConcurrentHashMap<>();
    private Map<String, Serving> serving = Map.of();
    private Map<String, String> unserved = Map.of();

    /// What it works with.
    ///
    /// @param client gets the settings that the objects say
    /// @param servers serve what the objects say
    /// @param changed told the host of a registry that is reached otherwise than before
    public record Parts(
            ObjectApi objects,
            RegistryClient client,
            RegistryServers servers,
            Repositories repositories,
            RegistryReach reach,
            Consumer<String> changed,
            InstantSource clock) {}

    public RegistryController(Parts parts) {
        this.objects = parts.objects();
        this.clock = parts.clock();
        this.client = parts.client();
        this.servers = parts.servers();
        this.repositories = parts.repositories();
        PullSecrets secrets = new PullSecrets(objects.store());
        EngineUser engine = new EngineUser();
        this.reader = new RegistryReader(secrets, engine);
        this.servings = new ServingReader(secrets, engine);
        this.declared = new DeclaredRegistries(objects.store(), reader);
        this.reach = parts.reach();
        this.changed = parts.changed();
        client.use(declared);
    }

    @Override
    public GroupResource resource() {
        return DeclaredRegistries.RESOURCE;
    }

    /// A Secret concerns the registries that name it.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        if (!changed.kind().equals("Secret")) {
            return List.of();
        }
        ObjectKey secret = PullSecrets.key(changed.namespace(), changed.name());
        return declared.all().stream()
                .filter(registry -> RegistryReader.secrets(registry).contains(secret))
                .map(RegistryController::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        try {
            serve();
            Optional<ApiObject> found = objects.store().get(key);
            if (found.isEmpty()) {
                RegistryReader.Reading gone = probed.remove(key);
                if (gone != null) {
                    changed.accept(gone.host());
                }
                return Result.SETTLED;
            }
            report(key, found.get());
            return served(found.get()).reachable()
                    ? Result.SETTLED
                    : new Result.Waiting(Reason.REGISTRY_UNAVAILABLE.toString(), Duration.ZERO);
        } catch (ApiException e) {
            LOG.warnf("registry not reported registry=%s: %s", key.name(), e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    /// All of them together, because one Registry's mirror may be another's host.
    private void serve() {
        // Read within the lock: of two rounds at once, the later state is to stay.
        lock.lock();
        try {
            serveLocked();
        } finally {
            lock.unlock();
        }
    }

    private void serveLocked() {
        Set<String> hosts = new HashSet<>();
        List<ApiObject> all = declared.all();
        Map<String, Serving> wanted = new HashMap<>();
        for (ApiObject registry : all) {
            if (hosts.add(reader.read(registry).host())) {
                servings.read(registry, all).serving().ifPresent(each -> wanted.put(registry.name(), each));
            }
        }
        if (!wanted.equals(serving) || !unserved.isEmpty()) {
            serving = wanted;
            unserved = servers.use(wanted);
        }
    }

    private void report(ObjectKey key, ApiObject object) throws ApiException {
        RegistryReader.Reading reading = reader.read(object);
        boolean isServed = object.spec().path("serve").isObject();
        if (!reading.equals(probed.put(key, reading))) {
            changed.accept(reading.host());
            if (!isServed) {
                probe(reading.host());
            }
        }
        ObjectNode status = object.status() instanceof ObjectNode before
                ? before.deepCopy()
                : ObjectCodec.json().createObjectNode();
        status.put("observedGeneration", object.generation());
        RegistryReach.Reach known =
                isServed ? served(object) : reach.of(reading.host()).orElse(RegistryReach.Reach.WELL);
        status.remove("served");
        if (isServed) {
            RepositoryStatistics count = repositories.count(reading.host());
            status.putObject("served")
                    .put("repositories", count.repositories())
                    .put("tags", count.tags())
                    .put("bytes", count.bytes());
        }
        status.put("reachable", known.reachable());
        status.remove("lastError");
        if (!known.error().isEmpty()) {
            status.put("lastError", known.error());
        }
        status.remove("rateLimit");
        client.rateLimit(reading.host()).ifPresent(limit -> status.putObject("rateLimit")
                .put("limit", limit.limit())
                .put("remaining", limit.remaining())
                .put("windowSeconds", limit.window().toSeconds()));
        for (Condition condition : conditions(object, reading, known)) {
            Conditions.set(status, condition, object.generation(), clock.instant());
        }
        objects.report(kind(), object, status);
    }

    /// Whether the object's registry is served on this host.
    private RegistryReach.Reach served(ApiObject object) {
        lock.lock();
        try {
            return unserved.containsKey(object.name())
                    ? new RegistryReach.Reach(false, unserved.getOrDefault(object.name(), ""))
                    : RegistryReach.Reach.WELL;
        } finally {
            lock.unlock();
        }
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
        Optional<String> older = declared.all().stream()
                .filter(other -> reader.read(other).host().equals(reading.host()))
                .map(ApiObject::name)
                .findFirst()
                .filter(first -> !first.equals(object.name()));
        if (older.isPresent()) {
            return unready(Reason.CONFLICT, "Registry %s is of the same host".formatted(older.get()), true);
        }
        List<String> problems = new ArrayList<>(reading.problems());
        problems.addAll(servings.read(object, declared.all()).problems());
        if (!problems.isEmpty()) {
            return unready(Reason.INVALID_SPEC, String.join("; ", problems), true);
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
        return new ObjectKey(DeclaredRegistries.RESOURCE, "", registry.name());
    }

    private Kind kind() {
        return objects.kinds().find(DeclaredRegistries.RESOURCE).orElseThrow();
    }
}
