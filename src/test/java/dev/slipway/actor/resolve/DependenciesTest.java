package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.PodState;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DependenciesTest {
    private static final PodUid UID = new PodUid("u-db");
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

    private final Map<ObjectKey, ApiObject> objects = new HashMap<>();
    private Optional<PodState> state = Optional.empty();

    @Test
    void who_names_nobody_waits_for_nobody() throws IOException {
        assertEquals(Optional.empty(), unmet(""));
    }

    @Test
    void somebody_who_does_not_exist_is_waited_for() throws IOException {
        assertEquals(Optional.of("waits for Container db, which does not exist"), unmet("db=Ready"));
    }

    @Test
    void ready_is_the_usual_condition() throws IOException {
        db("phase: Running\nconditions: [{type: Ready, status: \"False\"}]\n" + running("db-0", true));
        runs("db-0");

        assertEquals(Optional.of("waits for Container db to be Ready"), unmet("db"));
        assertEquals(Optional.empty(), unmet("db=Started"));

        db("phase: Running\nconditions: [{type: Ready, status: \"True\"}]\n" + running("db-0", true));
        assertEquals(Optional.empty(), unmet("db"));
    }

    @Test
    void what_was_ready_before_the_host_restarted_is_not_ready() throws IOException {
        db("phase: Running\nconditions: [{type: Ready, status: \"True\"}]\n" + running("db-0", true));

        assertEquals(Optional.of("waits for Container db to be Ready"), unmet("db=Ready"));
        runs("db-1");
        assertEquals(Optional.of("waits for Container db to be Started"), unmet("db=Started"));
        db("phase: Running\nconditions: [{type: Ready, status: \"True\"}]\n" + running("db-1", true));
        assertEquals(Optional.empty(), unmet("db=Ready"));
    }

    @Test
    void work_that_was_done_stays_done() throws IOException {
        db("phase: Succeeded");
        assertEquals(Optional.empty(), unmet("db=Complete"));

        db("phase: Failed\ncontainerStatuses: [{name: main, state: {terminated: {exitCode: 1}}}]");
        assertEquals(Optional.of("waits for Container db to be Complete"), unmet("db=Complete"));
    }

    @Test
    void all_of_them_are_waited_for_and_looked_at() throws IOException {
        db("phase: Succeeded");
        ApiObject pod = web("db=Complete, cache=Started");

        assertEquals(
                Optional.of("waits for Container cache, which does not exist"), unmet("db=Complete, cache=Started"));
        assertEquals(Set.of(container("db"), container("cache")), References.of(pod));
    }

    private Optional<String> unmet(String annotation) throws IOException {
        return new Dependencies(key -> Optional.ofNullable(objects.get(key)), uid -> state).unmet(web(annotation));
    }

    private static ApiObject web(String annotation) throws IOException {
        return object("metadata: {name: web, namespace: default, annotations: {slipway.dev/depends-on: \"%s\"}}"
                .formatted(annotation));
    }

    private void db(String status) throws IOException {
        objects.put(container("db"), object("metadata: {name: db, namespace: default}"));
        objects.put(
                new ObjectKey(GroupResource.core("pods"), "default", "db"),
                object("metadata: {name: db, namespace: default, uid: u-db}\nstatus:\n" + status.indent(2)));
    }

    private static String running(String id, boolean started) {
        return "containerStatuses: [{name: main, started: %s, containerID: \"slipway://%s\", state: {running: {}}}]"
                .formatted(started, id);
    }

    private void runs(String id) {
        Attempt attempt = new Attempt(
                new ContainerName(UID, "main"),
                0,
                id,
                Digest.sha256(new byte[0]),
                "",
                new ContainerState.Running(1, NOW));
        state = Optional.of(new PodState(UID, Optional.empty(), List.of(attempt)));
    }

    private static ObjectKey container(String name) {
        return new ObjectKey(new GroupResource("slipway.dev", "containers"), "default", name);
    }

    private static ApiObject object(String yaml) throws IOException {
        return ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree(yaml));
    }
}
