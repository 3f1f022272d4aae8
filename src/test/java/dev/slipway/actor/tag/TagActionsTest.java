package dev.slipway.actor.tag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.engine.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// What a Tag does, round by round: each action is rendered, and the next round starts from that status.
class TagActionsTest {
    private static final Instant START = Instant.parse("2026-01-05T12:00:00Z");
    private static final Digest ONE = digest("1");
    private static final Digest TWO = digest("2");
    private static final Digest THREE = digest("3");

    private ApiObject tag = tag("");

    @Test
    void the_first_image_is_taken_at_once_whatever_holds_others_back() {
        tag = tag("approval: Manual\n  window: {schedule: \"0 3 * * *\", duration: 1h}");

        assertEquals(new TagAction.Move(ONE, "why"), round(found(ONE), START));
    }

    @Test
    void a_move_waits_for_its_approval() {
        tag = tag("approval: Manual");
        round(found(ONE), START);

        TagAction.Hold hold = assertInstanceOf(TagAction.Hold.class, round(found(TWO), START));
        assertEquals(Reason.AWAITING_APPROVAL, hold.reason());
        assertEquals(TWO.value(), tag.status().path("pendingDigest").asText());
        approve(THREE);
        assertInstanceOf(TagAction.Hold.class, round(found(TWO), START));
        approve(TWO);

        assertEquals(new TagAction.Move(TWO, "why"), round(found(TWO), START));
        assertTrue(tag.status().path("pendingDigest").isMissingNode());
        assertEquals(ONE.value(), tag.status().path("previousDigest").asText());
    }

    @Test
    void the_history_says_who_let_a_version_through() {
        tag = tag("approval: Manual");
        round(found(ONE), START);
        approve(TWO);
        ObjectNode changed = tag.copyTree();
        changed.withObject("/metadata")
                .withArray("managedFields")
                .addObject()
                .put("manager", "alice")
                .put("time", "2026-01-05T12:00:00Z")
                .withObject("/fieldsV1/f:metadata/f:annotations")
                .putObject("f:slipway.dev/approve");
        tag = ApiObject.of(changed);

        round(found(TWO), START);

        assertEquals(
                "why, approved by alice", tag.status().at("/history/0/cause").asText());
        approve(THREE);
        changed = tag.copyTree();
        changed.withObject("/metadata/annotations").put("slipway.dev/approved-by", "bert");
        tag = ApiObject.of(changed);
        round(found(THREE), START);
        assertEquals(
                "why, approved by bert (alice)",
                tag.status().at("/history/0/cause").asText());
    }

    @Test
    void a_move_waits_for_its_window_and_knows_when_it_opens() {
        tag = tag("window: {schedule: \"0 3 * * *\", duration: 2h, timeZone: Europe/Berlin}");
        round(found(ONE), START);

        TagAction.Hold hold = assertInstanceOf(TagAction.Hold.class, round(found(TWO), START));

        Instant opening = Instant.parse("2026-01-06T02:00:00Z");
        assertEquals(Optional.of(opening), hold.until());
        assertInstanceOf(TagAction.Hold.class, round(found(TWO), opening.minusSeconds(1)));
        assertInstanceOf(TagAction.Hold.class, round(found(TWO), opening.plusSeconds(7200)));
        assertInstanceOf(TagAction.Move.class, round(found(TWO), opening.plusSeconds(7199)));
    }

    @Test
    void what_the_spec_says_in_so_many_words_waits_for_nothing() {
        tag = tag("approval: Manual\n  window: {schedule: \"0 3 * * *\", duration: 1h}");
        round(found(ONE), START);

        assertInstanceOf(TagAction.Move.class, round(new TagTarget.Found(TWO, "spec", true), START));
    }

    @Test
    void an_image_that_does_not_get_ready_in_time_gives_way_to_the_one_before_and_stays_away() {
        round(found(ONE), START, ready(ONE));
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));
        assertEquals("Progressing", result());
        assertEquals(new TagAction.Stay(), round(found(TWO), START.plusSeconds(299), late(TWO)));

        TagAction action = round(found(TWO), START.plusSeconds(300), late(TWO));

        assertEquals(new TagAction.RollBack(ONE, TWO, "not ready in time: Container default/web"), action);
        assertEquals(ONE.value(), tag.status().path("digest").asText());
        assertEquals("RolledBack", tag.status().at("/history/1/result").asText());
        assertEquals(TWO.value(), tag.status().at("/quarantined/0/digest").asText());
        TagAction.Hold hold =
                assertInstanceOf(TagAction.Hold.class, round(found(TWO), START.plusSeconds(400), ready(ONE)));
        assertEquals(Reason.QUARANTINED, hold.reason());
        assertInstanceOf(TagAction.Move.class, round(found(THREE), START.plusSeconds(500), ready(ONE)));
    }

    @Test
    void it_goes_back_to_the_last_image_that_has_succeeded() {
        round(found(ONE), START, ready(ONE));
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));
        round(found(THREE), START.plusSeconds(1), late(TWO));
        assertEquals("Superseded", tag.status().at("/history/1/result").asText());

        TagAction action = round(found(THREE), START.plusSeconds(301), late(THREE));

        assertEquals(ONE, assertInstanceOf(TagAction.RollBack.class, action).digest());
    }

    @Test
    void an_approval_lifts_a_quarantine() {
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));
        round(found(TWO), START.plusSeconds(300), late(TWO));
        approve(TWO);

        assertInstanceOf(TagAction.Move.class, round(found(TWO), START.plusSeconds(301), ready(ONE)));
    }

    @Test
    void an_image_that_gets_ready_stays() {
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));
        round(found(TWO), START.plusSeconds(10), ready(TWO));

        assertEquals("Succeeded", result());
        assertEquals(new TagAction.Stay(), round(found(TWO), START.plusSeconds(900), late(TWO)));
    }

    @Test
    void who_is_ready_for_a_moment_only_is_not_taken_for_ready() {
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));

        round(found(TWO), START.plusSeconds(10), readySince(TWO, START.plusSeconds(9)));
        assertEquals("Progressing", result());
        round(found(TWO), START.plusSeconds(12), late(TWO));
        round(found(TWO), START.plusSeconds(301), readySince(TWO, START.plusSeconds(300)));
        assertEquals("Progressing", result(), "it may still settle");
        TagAction action = round(found(TWO), START.plusSeconds(302), late(TWO));

        assertInstanceOf(TagAction.RollBack.class, action);
    }

    @Test
    void who_gives_the_image_up_is_not_waited_for() {
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));
        assertEquals(new TagAction.Stay(), round(found(TWO), START.plusSeconds(1), failed(ONE)));

        TagAction action = round(found(TWO), START.plusSeconds(2), failed(TWO));

        assertEquals(ONE, assertInstanceOf(TagAction.RollBack.class, action).digest());
        assertEquals(TWO.value(), tag.status().at("/quarantined/0/digest").asText());
    }

    @Test
    void a_failed_rollout_without_an_image_to_go_back_to_says_so() {
        round(found(ONE), START, late(ONE));

        assertEquals(new TagAction.Stay(), round(found(ONE), START.plusSeconds(301), late(ONE)));

        assertEquals("Failed", result());
    }

    @Test
    void where_it_shall_not_roll_back_the_bad_image_stays() {
        tag = tag("rollout: {rollbackOnFailure: false, progressDeadline: 10s}");
        round(found(ONE), START, ready(ONE));
        round(found(TWO), START, ready(ONE));
        round(found(TWO), START.plusSeconds(9), late(TWO));
        assertEquals("Progressing", result());

        assertEquals(new TagAction.Stay(), round(found(TWO), START.plusSeconds(10), late(TWO)));
        assertEquals("Failed", result());
    }

    @Test
    void those_that_are_stopped_hold_nothing_up() {
        TagConsumers.Consumer stopped =
                new TagConsumers.Consumer("Container", "default", "old", "", false, Instant.EPOCH, false, false);

        round(found(ONE), START, stopped);

        assertEquals("Succeeded", result());
    }

    @Test
    void a_target_that_is_missing_moves_nothing() {
        round(found(ONE), START);

        TagAction action = round(new TagTarget.Missing(Reason.NOT_FOUND, "gone"), START);

        assertEquals(new TagAction.Await(Reason.NOT_FOUND, "gone"), action);
        assertEquals(ONE.value(), tag.status().path("digest").asText());
    }

    private TagAction round(TagTarget target, Instant now, TagConsumers.Consumer... consumers) {
        Predicate<Digest> isPresent = digest -> true;
        TagView view = new TagView(tag, target, List.of(consumers), isPresent);
        TagAction action = TagActions.compute(view, now);
        ObjectNode changed = tag.copyTree();
        changed.set("status", TagStatusRenderer.render(view, action, null, now));
        tag = ApiObject.of(changed);
        return action;
    }

    private String result() {
        return tag.status().at("/history/0/result").asText();
    }

    private void approve(Digest digest) {
        ObjectNode changed = tag.copyTree();
        changed.withObject("/metadata/annotations").put("slipway.dev/approve", digest.value());
        tag = ApiObject.of(changed);
    }

    private static TagTarget found(Digest digest) {
        return new TagTarget.Found(digest, "why", false);
    }

    private static TagConsumers.Consumer readySince(Digest digest, Instant since) {
        return new TagConsumers.Consumer("Container", "default", "web", digest.value(), true, since, true, false);
    }

    private static TagConsumers.Consumer ready(Digest digest) {
        return new TagConsumers.Consumer(
                "Container", "default", "web", digest.value(), true, Instant.EPOCH, true, false);
    }

    private static TagConsumers.Consumer late(Digest digest) {
        return new TagConsumers.Consumer(
                "Container", "default", "web", digest.value(), false, Instant.EPOCH, true, false);
    }

    private static TagConsumers.Consumer failed(Digest digest) {
        return new TagConsumers.Consumer("Deployment", "default", "web", digest.value(), false, START, true, true);
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ApiObject tag(String more) {
        String yaml = """
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web, generation: 1}
                spec:
                  repository: acme/web
                  %s
                """.formatted(more);
        try {
            return ApiObject.of((ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                    .getFirst()
                    .tree());
        } catch (MalformedYamlException e) {
            throw new AssertionError(e);
        }
    }
}
