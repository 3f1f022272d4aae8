package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.build.BuildPlan;
import dev.slipway.actor.image.ImageErrands.Errand;
import dev.slipway.actor.image.ImageErrands.Purpose;
import dev.slipway.actor.image.ImageView.Keep;
import dev.slipway.actor.image.ImageView.Recipe;
import dev.slipway.actor.image.ImageView.Source;
import dev.slipway.actor.space.Removal;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImageActionsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final LocalImage ONE = PlayedImages.image("one");
    private static final LocalImage TWO = PlayedImages.image("two");
    private static final Reference NAME = ImageObjects.parse("acme/web").orElseThrow();
    private static final Purpose PURPOSE = new Purpose("uid", 2, Map.of(), null);
    private static final Recipe.Known RECIPE = recipe(null);
    private static final Purpose BUILD = new Purpose("uid", 2, Map.of(), RECIPE);

    private final ObjectNode tree = ObjectCodec.json().createObjectNode();
    private Keep keep = Keep.NEEDED;

    ImageActionsTest() {
        tree.putObject("metadata").put("uid", "uid").put("generation", 2);
    }

    private void ready(long generation) {
        ObjectNode status = tree.putObject("status").put("observedGeneration", generation);
        status.putArray("conditions").addObject().put("type", "Ready").put("status", "True");
    }

    private ImageAction compute(Source source, @Nullable Errand errand, @Nullable LocalImage shown) {
        return ImageActions.compute(
                new ImageView(ApiObject.of(tree), source, errand, shown, Set.of(), false, keep), NOW);
    }

    private static Source built(@Nullable Digest base) {
        return new Source.Built(recipe(base));
    }

    private static Recipe.Known recipe(@Nullable Digest base) {
        BuildStage stage = new BuildStage(new StageOrigin.Image("base"), List.of());
        return new Recipe.Known(
                new BuildPlan(List.of(stage), true, RunLimits.STANDARD, BuildPlan.Triggers.LEFT_OUT),
                base == null ? Map.of() : Map.of("base", base));
    }

    @Test
    void an_absent_image_is_pulled_and_a_present_one_is_shown() {
        assertEquals(new ImageAction.Pull(PURPOSE, NAME), compute(new Source.Pulled(NAME, null), null, null));
        assertEquals(new ImageAction.Show(ONE), compute(new Source.Pulled(NAME, ONE), null, null));
    }

    @Test
    void a_pulled_image_stays_what_it_was_for_this_spec() {
        ready(2);
        assertEquals(new ImageAction.Show(ONE), compute(new Source.Pulled(NAME, TWO), null, ONE));

        ready(1);
        assertEquals(new ImageAction.Show(TWO), compute(new Source.Pulled(NAME, TWO), null, ONE));
        assertEquals(new ImageAction.Pull(PURPOSE, NAME), compute(new Source.Pulled(NAME, null), null, ONE));
    }

    @Test
    void a_build_is_checked_once_after_a_start_and_whenever_its_purpose_changes() {
        assertEquals(new ImageAction.Build(BUILD, RECIPE), compute(built(null), null, ONE));
        assertEquals(new ImageAction.Show(ONE), compute(built(null), new Errand.Done(BUILD, ONE), ONE));

        Purpose onBase = new Purpose("uid", 2, Map.of(), recipe(TWO.digest()));
        assertEquals(
                new ImageAction.Build(onBase, recipe(TWO.digest())),
                compute(built(TWO.digest()), new Errand.Done(BUILD, ONE), ONE));

        tree.withObject("/metadata").putObject("annotations").put("slipway.dev/rebuild", "1");
        Purpose annotated = new Purpose("uid", 2, Map.of("slipway.dev/rebuild", "1"), RECIPE);
        assertEquals(new ImageAction.Build(annotated, RECIPE), compute(built(null), new Errand.Done(BUILD, ONE), ONE));
    }

    @Test
    void a_failure_is_waited_out_and_ends_with_another_spec() {
        Errand failed = new Errand.Failed(BUILD, "no", 1, Pause.of(NOW, Duration.ofSeconds(10)));
        assertEquals(new ImageAction.BackOff("no", NOW.plusSeconds(10)), compute(built(null), failed, null));
        assertEquals(
                new ImageAction.Build(BUILD, RECIPE),
                compute(built(null), new Errand.Failed(BUILD, "no", 1, new Pause(NOW.minusSeconds(10), NOW)), null));

        Errand beforeTheClockWasSetBack =
                new Errand.Failed(BUILD, "no", 1, Pause.of(NOW.plusSeconds(3600), Duration.ofSeconds(10)));
        assertEquals(new ImageAction.Build(BUILD, RECIPE), compute(built(null), beforeTheClockWasSetBack, null));

        tree.withObject("/metadata").put("generation", 3);
        assertInstanceOf(ImageAction.Build.class, compute(built(null), failed, null));
    }

    @Test
    void a_build_waits_for_its_base() {
        assertEquals(
                new ImageAction.AwaitBase("later"), compute(new Source.Built(new Recipe.Awaited("later")), null, null));
    }

    @Test
    void a_build_that_cannot_be_is_refused() {
        assertEquals(new ImageAction.Refuse("no"), compute(new Source.Built(new Recipe.Wrong("no")), null, null));
    }

    @Test
    void an_implicit_image_never_pulls() {
        assertEquals(
                new ImageAction.AwaitPods("denied"), compute(new Source.Implicit(NAME, null, "denied"), null, null));
        assertEquals(new ImageAction.Show(ONE), compute(new Source.Implicit(NAME, ONE, ""), null, null));
        assertEquals(new ImageAction.Retire(), compute(new Source.Superseded(), null, null));
    }

    @Test
    void an_implicit_image_that_never_came_goes_when_nobody_wants_it_any_more() {
        tree.withObject("/metadata/labels").put("slipway.dev/implicit", "true");
        Source source = new Source.Implicit(NAME, null, "denied");
        keep = new Keep(false, false, null, false);
        assertEquals(new ImageAction.Retire(), compute(source, null, null));
        assertEquals(new ImageAction.Show(ONE), compute(new Source.Implicit(NAME, ONE, ""), null, null));

        keep = new Keep(false, false, null, true);
        assertEquals(new ImageAction.AwaitPods("denied"), compute(source, null, null));

        keep = new Keep(false, false, null, false);
        tree.withObject("/spec/retention").put("policy", "Always");
        assertEquals(new ImageAction.AwaitPods("denied"), compute(source, null, null));
    }

    @Test
    void what_is_due_goes_unless_somebody_needs_it_again() {
        Removal removal = new Removal("web", new Removal.Cause.Wish(), Duration.ofHours(1), 1);
        keep = new Keep(false, false, removal, false);
        assertEquals(new ImageAction.Collect(removal), compute(new Source.Pulled(NAME, ONE), null, ONE));

        keep = new Keep(true, false, removal, false);
        assertEquals(new ImageAction.Show(ONE), compute(new Source.Pulled(NAME, ONE), null, ONE));
    }

    @Test
    void what_has_gone_comes_again_when_somebody_needs_it() {
        keep = new Keep(false, true, null, false);
        assertEquals(new ImageAction.Rest(), compute(new Source.Pulled(NAME, null), null, null));
        assertEquals(new ImageAction.Rest(), compute(built(null), null, null));

        keep = new Keep(true, true, null, false);
        assertEquals(new ImageAction.Pull(PURPOSE, NAME), compute(new Source.Pulled(NAME, null), null, null));
        assertEquals(new ImageAction.Build(BUILD, RECIPE), compute(built(null), null, null));
    }

    @Test
    void an_image_that_nobody_needs_is_brought_all_the_same_while_it_has_not_gone() {
        keep = new Keep(false, false, null, false);

        assertEquals(new ImageAction.Pull(PURPOSE, NAME), compute(new Source.Pulled(NAME, null), null, null));
    }

    @Test
    void a_deleted_image_waits_for_its_users_unless_the_content_stays() {
        tree.withObject("/metadata").put("deletionTimestamp", NOW.toString());
        Set<ImageUsers.User> users = Set.of(new ImageUsers.User("Pod", "default", "web"));
        Source source = new Source.Pulled(NAME, ONE);
        ApiObject object = ApiObject.of(tree);

        assertEquals(
                new ImageAction.InUse(users),
                ImageActions.compute(new ImageView(object, source, null, ONE, users, false, keep), NOW));
        assertEquals(
                new ImageAction.Release(),
                ImageActions.compute(new ImageView(object, source, null, ONE, users, true, keep), NOW));
        assertEquals(new ImageAction.Release(), compute(source, null, ONE));
    }
}
