package dev.slipway.actor.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.Golden;
import dev.slipway.actor.pod.PodFacts.ContainerFacts;
import dev.slipway.actor.pod.PodFacts.ImageVolume;
import dev.slipway.actor.pod.PodFacts.Users;
import dev.slipway.actor.pod.PodFacts.Written;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the status of a Container says: `in.yaml` has the Container, its Pod and what else is known.
class ContainerStatusRendererTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(ContainerStatusRendererTest.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void a_status_says_how_it_stands(Golden.Case each) throws Exception {
        ContainerView view = view(each.document("in.yaml"));

        ObjectNode status = ContainerStatusRenderer.render(view, NOW);

        ObjectNode again = view.container().copyTree();
        again.set("status", status);
        ContainerView later = new ContainerView(
                ApiObject.of(again), view.pod(), view.facts(), view.image(), view.volumesMissing(), view.trouble());
        assertEquals(
                status,
                ContainerStatusRenderer.render(later, NOW.plusSeconds(60)),
                "what did not change keeps its times");
        each.expect("out.yaml", status);
    }

    private static ContainerView view(ObjectNode in) {
        ApiObject container = ApiObject.of(in.withObject("/container"));
        return new ContainerView(
                container,
                in.get("pod") instanceof ObjectNode pod ? Optional.of(ApiObject.of(pod)) : Optional.empty(),
                facts(in.path("facts")),
                in.has("awaited")
                        ? new ContainerImage.Awaited(in.path("awaited").asText())
                        : new ContainerImage.Known(
                                container.spec().path("image").asText()),
                in.path("volumesMissing").asText(),
                in.has("trouble")
                        ? Optional.of(ObjectCodec.fromTree(in.path("trouble"), ContainerView.Trouble.class))
                        : Optional.empty());
    }

    private static Optional<ContainerFacts> facts(JsonNode facts) {
        List<ImageVolume> volumes = new ArrayList<>();
        facts.path("imageVolumes")
                .properties()
                .forEach(entry -> volumes.add(
                        new ImageVolume(entry.getKey(), entry.getValue().asText())));
        return facts.isObject()
                ? Optional.of(new ContainerFacts(
                        Optional.of(facts.path("pid").asLong()).filter(pid -> pid > 0),
                        Optional.ofNullable(facts.get("nextRestart")).map(time -> Instant.parse(time.asText())),
                        volumes,
                        Optional.ofNullable(facts.get("writtenBytes")).map(bytes -> new Written(bytes.asLong(), 3)),
                        facts.path("followsImage").asBoolean(),
                        Optional.ofNullable(facts.get("firstHostId")).map(first -> new Users(first.asInt(), 65_536)),
                        facts.path("complaint").asText()))
                : Optional.empty();
    }
}
