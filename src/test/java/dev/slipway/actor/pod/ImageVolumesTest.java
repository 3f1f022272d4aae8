package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.runtime.ContainerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pods that mount images.
class ImageVolumesTest {
    private static final String POD = """
            volumes: [{name: model, image: {reference: "acme/model:1"}}]
            containers:
            - name: main
              image: app
              volumeMounts:
              - {name: model, mountPath: /model}
              - {name: model, mountPath: /part, subPath: weights}
            """;
    private static final String WAITING = "/containerStatuses/0/state/waiting/reason";

    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new PodRig(folder);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void a_container_starts_when_the_images_that_it_mounts_are_here() throws Exception {
        rig.images.answer("acme/model:1", new Answer.Pulling());
        rig.pod(POD);
        rig.settle();
        assertEquals("ContainerCreating", rig.status(WAITING));
        assertTrue(rig.runtime.started().isEmpty());

        rig.images.answer(
                "acme/model:1", new Answer.Failed("ErrImagePull", "no such image", PodRig.BEGIN.plusSeconds(10)));
        rig.settle();
        assertEquals("ErrImagePull", rig.status(WAITING));

        rig.images.answer(
                "acme/model:1",
                new Answer.Present(FakeImages.image("model", FakeImages.parameters("", Set.of())), true));
        rig.advance(Duration.ofSeconds(10));

        ContainerRequest started = rig.runtime.started().getFirst();
        assertEquals(2, started.images().size());
        assertEquals("/part", started.images().getLast().mountPath());
        assertEquals("weights", started.images().getLast().subPath());
        assertTrue(started.mounts().stream().noneMatch(mount -> mount.volume().equals("model")));
        assertTrue(rig.images.questions().stream()
                .filter(question -> question.image().equals("acme/model:1"))
                .map(Question::policy)
                .allMatch(PullPolicy.IF_NOT_PRESENT::equals));
    }

    @Test
    void the_status_tells_which_images_are_mounted_whatever_has_their_name_later() throws Exception {
        String image = "/containerStatuses/0/volumeMounts/1/volumeStatus/image/imageRef";
        LocalImage model = FakeImages.image("model", FakeImages.parameters("", Set.of()));
        rig.images.answer("acme/model:1", new Answer.Present(model, true));
        rig.pod(POD);
        rig.settle();
        assertEquals(model.digest().value(), rig.status(image));

        rig.images.answer(
                "acme/model:1",
                new Answer.Present(FakeImages.image("another", FakeImages.parameters("", Set.of())), true));
        rig.restartEngine();
        rig.settle();

        assertEquals(model.digest().value(), rig.status(image));
    }
}
