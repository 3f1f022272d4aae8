package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.store.AlreadyExistsException;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// The `Sync` object that stands for a directory: what clients see of it, and the durable place of its inventory. Used
/// by one thread.
final class SyncRecord {
    static final GroupResource SYNCS = new GroupResource("slipway.dev", "syncs");
    private static final String NAMESPACE = "default";
    private static final int LONGEST_STEM = 40;

    private final ObjectStore store;
    private final Path directory;
    private final ObjectKey key;

    SyncRecord(ObjectStore store, Path directory) {
        this.store = store;
        this.directory = directory;
        this.key = new ObjectKey(SYNCS, NAMESPACE, name(directory));
    }

    ObjectKey key() {
        return key;
    }

    /// The object, which is made if it is missing.
    ApiObject open(Instant now) throws IOException {
        while (true) {
            ApiObject found = store.get(key).orElse(null);
            if (found != null) {
                return found;
            }
            try {
                return store.create(key, fresh(now));
            } catch (AlreadyExistsException e) {
                continue;
            }
        }
    }

    /// Replaces the status; what does not change it writes nothing.
    ///
    /// @param change makes the status that shall be from the one that is
    ApiObject update(Instant now, UnaryOperator<ObjectNode> change) throws IOException {
        while (true) {
            ApiObject current = open(now);
            ObjectNode tree = current.copyTree();
            tree.set("status", change.apply(tree.withObject("/status")));
            try {
                return store.update(key, ApiObject.of(tree), current.resourceVersion());
            } catch (ConflictException e) {
                continue;
            }
        }
    }

    /// Whether the inventory of another source holds the object.
    boolean isClaimedByAnother(ObjectKey object) {
        return store.list(SYNCS, "").items().stream()
                .filter(sync -> !sync.name().equals(key.name()))
                .anyMatch(
                        sync -> Inventory.read(sync.status().path("inventory")).holds(object));
    }

    private ApiObject fresh(Instant now) {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.put("apiVersion", "slipway.dev/v1alpha1").put("kind", "Sync");
        tree.putObject("metadata")
                .put("name", key.name())
                .put("namespace", NAMESPACE)
                .put(
                        "uid",
                        UUID.nameUUIDFromBytes((key + " " + now).getBytes(StandardCharsets.UTF_8))
                                .toString())
                .put("generation", 1)
                .put("creationTimestamp", Timestamps.seconds(now));
        tree.putObject("spec").putObject("source").putObject("directory").put("path", directory.toString());
        return ApiObject.of(tree);
    }

    /// The directory's own name for people, and a mark of its path so that two of the same name differ.
    private static String name(Path directory) {
        Path last = directory.getFileName();
        String stem = (last == null ? "root" : last.toString())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        String mark = Integer.toHexString(directory.toString().hashCode());
        String cut = stem.substring(0, Math.min(stem.length(), LONGEST_STEM));
        return (cut.isEmpty() ? "sync" : cut) + "-" + mark;
    }
}
