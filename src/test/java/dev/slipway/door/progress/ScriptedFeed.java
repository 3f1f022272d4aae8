package dev.slipway.door.progress;

import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// A feed whose objects change when the one who looks waits; the clock moves with it. Ends an endless wait by an
/// interrupt.
final class ScriptedFeed implements ObjectFeed, InstantSource {
    private static final Kinds KINDS = Catalog.kinds();
    private static final int MOST_WAITS = 10_000;

    private final List<ApiObject> objects = new ArrayList<>();
    private final Deque<Step> script = new ArrayDeque<>();
    private Instant now = Instant.parse("2026-01-01T12:00:00.500Z");
    private int waits;

    private record Step(Duration after, String yaml) {}

    /// Objects, as YAML documents, that are there or replace those of the same name after a while.
    ScriptedFeed then(Duration after, String yaml) {
        script.add(new Step(after, yaml));
        return this;
    }

    ScriptedFeed with(String yaml) {
        apply(yaml);
        return this;
    }

    boolean isAtEnd() {
        return script.isEmpty();
    }

    @Override
    public Kinds kinds() {
        return KINDS;
    }

    @Override
    public Optional<ApiObject> find(ObjectKey key) {
        return objects.stream().filter(each -> key(each).equals(key)).findFirst();
    }

    @Override
    public List<ApiObject> list(GroupResource resource) {
        return objects.stream()
                .filter(each -> key(each).resource().equals(resource))
                .toList();
    }

    @Override
    public void awaitChange(Duration limit) throws InterruptedException {
        if (++waits > MOST_WAITS) {
            throw new InterruptedException("nobody waits that often");
        }
        Step next = script.peek();
        if (next == null || next.after.compareTo(limit) > 0) {
            now = now.plus(limit);
            if (next != null) {
                script.removeFirst();
                script.addFirst(new Step(next.after.minus(limit), next.yaml));
            }
            return;
        }
        script.removeFirst();
        now = now.plus(next.after);
        if (next.yaml.equals("interrupt")) {
            throw new InterruptedException();
        }
        apply(next.yaml);
    }

    @Override
    public void close() {}

    @Override
    public Instant instant() {
        return now;
    }

    private void apply(String yaml) {
        try {
            for (var document : YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))) {
                ApiObject object = ApiObject.of(ObjectCodec.readObject(ObjectCodec.toBytes(document.tree())));
                objects.removeIf(each -> key(each).equals(key(object)));
                objects.add(object);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static ObjectKey key(ApiObject object) {
        return Kinds.key(
                KINDS.find(object.apiVersion(), object.kind()).orElseThrow(), object.namespace(), object.name());
    }
}
