package dev.slipway.actor.registry;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectList;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.registry.RegistrySettings;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// What Registry objects say of hosts, as of now: who asks a registry right after its object was written goes by it.
/// Where several objects are of one host, the oldest counts. Thread-safe.
final class DeclaredRegistries implements Supplier<RegistrySettings> {
    static final GroupResource RESOURCE = new GroupResource(OwnGroup.GROUP, "registries");

    private final ObjectStore store;
    private final RegistryReader reader;
    private volatile Known known = new Known(-1, List.of(), Map.of(), RegistrySettings.STANDARD);

    DeclaredRegistries(ObjectStore store, RegistryReader reader) {
        this.store = store;
        this.reader = reader;
    }

    /// What has been read last.
    ///
    /// @param resourceVersion of the store at that time
    /// @param specs which objects, and which generations of them
    /// @param secrets the Secrets that they name, by version; 0 for one that is not there
    private record Known(
            long resourceVersion, List<String> specs, Map<ObjectKey, Long> secrets, RegistrySettings settings) {}

    /// Those that stay, the oldest first.
    List<ApiObject> all() {
        return all(store.list(RESOURCE, ""));
    }

    private static List<ApiObject> all(ObjectList list) {
        return list.items().stream()
                .filter(registry -> registry.deletionTimestamp().isEmpty())
                .sorted(Comparator.comparing((ApiObject registry) ->
                                registry.metadata().path("creationTimestamp").asText())
                        .thenComparing(ApiObject::name))
                .toList();
    }

    @Override
    public RegistrySettings get() {
        Known last = known;
        if (last.resourceVersion() == store.resourceVersion()) {
            return last.settings();
        }
        ObjectList list = store.list(RESOURCE, "");
        long now = list.resourceVersion();
        List<ApiObject> all = all(list);
        List<String> specs = all.stream()
                .map(registry -> registry.uid() + " " + registry.generation())
                .toList();
        boolean isSame =
                specs.equals(last.specs()) && versions(last.secrets().keySet()).equals(last.secrets());
        Known read = isSame ? new Known(now, specs, last.secrets(), last.settings()) : read(now, specs, all);
        known = read;
        return read.settings();
    }

    private Known read(long now, List<String> specs, List<ApiObject> all) {
        Set<ObjectKey> named = new HashSet<>();
        all.forEach(registry -> named.addAll(RegistryReader.secrets(registry)));
        // Before they are read: one that changes meanwhile is read again.
        Map<ObjectKey, Long> secrets = versions(named);
        Map<String, RegistrySettings.Host> hosts = new HashMap<>();
        for (ApiObject registry : all) {
            RegistryReader.Reading reading = reader.read(registry);
            hosts.putIfAbsent(reading.host(), reading.settings());
        }
        return new Known(now, specs, secrets, new RegistrySettings(hosts));
    }

    private Map<ObjectKey, Long> versions(Set<ObjectKey> secrets) {
        Map<ObjectKey, Long> versions = new HashMap<>();
        for (ObjectKey secret : secrets) {
            Optional<ApiObject> found = store.get(secret);
            versions.put(secret, found.map(ApiObject::resourceVersion).orElse(0L));
        }
        return versions;
    }
}
