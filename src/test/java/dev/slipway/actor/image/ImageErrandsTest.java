package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.actor.build.BuildPlan;
import dev.slipway.actor.image.ImageErrands.End;
import dev.slipway.actor.image.ImageErrands.Errand;
import dev.slipway.actor.image.ImageErrands.Purpose;
import dev.slipway.actor.image.ImageView.Recipe;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.image.LocalImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImageErrandsTest {
    private static final LocalImage BASE = PlayedImages.image("base");
    private static final LocalImage BUILT = PlayedImages.image("built");
    private static final ObjectKey KEY = ImageObjects.imageKey("web");
    private static final Purpose PURPOSE = new Purpose(
            "uid",
            1,
            Map.of(),
            new Recipe.Known(
                    new BuildPlan(List.of(), true, RunLimits.STANDARD, BuildPlan.Triggers.LEFT_OUT),
                    Map.of("base", BASE.digest())));

    private final List<Runnable> waiting = new ArrayList<>();
    private final List<ObjectKey> ended = new ArrayList<>();
    private final ImageErrands errands = new ImageErrands(waiting::add, () -> {}, ended::add);

    private void start(End end) {
        errands.start(
                KEY,
                PURPOSE,
                () -> end,
                (how, failures) -> how instanceof End.Done done
                        ? Optional.of(new Errand.Done(PURPOSE, done.image()))
                        : Optional.empty());
    }

    @Test
    void what_a_build_stands_on_is_claimed_before_it_begins_and_what_it_made_after_it() {
        start(new End.Done(BUILT, ""));

        assertEquals(Set.of(BASE.digest()), errands.claimed());
        waiting.removeFirst().run();
        assertEquals(Set.of(BUILT.digest()), errands.claimed());
        errands.forget(KEY);
        assertEquals(Set.of(), errands.claimed());
    }

    @Test
    void an_errand_whose_ground_has_gone_is_forgotten_and_looked_at_again() {
        start(new End.Outdated());

        waiting.removeFirst().run();

        assertEquals(Optional.empty(), errands.find(KEY));
        assertEquals(Set.of(), errands.claimed());
        assertEquals(List.of(KEY), ended);
    }
}
