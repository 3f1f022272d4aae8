package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.RunParameters;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContainerRequestTest {
    private static final PodUid POD = new PodUid("pod");
    private static final LocalImage IMAGE = Requests.image(RunParameters.EMPTY, List.of());

    @Test
    void what_needs_no_other_container_has_the_same_fingerprint() throws Exception {
        LocalImage renamed = new LocalImage(
                IMAGE.descriptor(), IMAGE.manifest(), IMAGE.config(), Set.of(), Set.of(Reference.parse("web:2")));
        Resources limited = new Resources(
                OptionalLong.empty(),
                OptionalLong.of(100),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                0);

        assertEquals(request(0, IMAGE, Resources.UNLIMITED, "a"), request(1, renamed, limited, "a"));
    }

    @Test
    void another_process_has_another_fingerprint() {
        Resources none = Resources.UNLIMITED;
        LocalImage other = Requests.image(
                new RunParameters(
                        List.of("A=b"),
                        List.of(),
                        List.of(),
                        "",
                        "",
                        Set.of(),
                        "",
                        Set.of(),
                        Map.of(),
                        null,
                        List.of()),
                List.of());

        assertNotEquals(request(0, IMAGE, none, "a"), request(0, IMAGE, none, "b"));
        assertNotEquals(request(0, IMAGE, none, "a"), request(0, other, none, "a"));
        assertNotEquals(request(0, IMAGE, none, "a, b", "c"), request(0, IMAGE, none, "a", "b, c"));
    }

    private static String request(int attempt, LocalImage image, Resources resources, String... command) {
        return Requests.withResources(Requests.container(POD, "web", attempt, image, List.of(command)), resources)
                .fingerprint();
    }
}
