package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.CronSchedule;
import dev.slipway.desired.model.DurationText;
import dev.slipway.desired.model.TagSpec;
import dev.slipway.desired.model.TagStatus;
import dev.slipway.desired.model.VersionRange;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `Tag`: a movable name of an image.
final class TagKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Tag", "tags", "tag", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return TagSpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return TagStatus.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("slipway.dev/tag");
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public Map<String, String> attributed() {
        return Map.of(
                TagSpec.APPROVED_BY, "/metadata/annotations/" + TagSpec.APPROVE.replace("/", "~1"),
                TagSpec.ROLLED_BACK_BY, "/spec/rollbackTo",
                TagSpec.PINNED_BY, "/spec/target/digest");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Repository", "What it names.", "/spec/repository"),
                Column.text("Tag", "Which version.", "/spec/tag"),
                Column.computed("Digest", "What it points at.", (object, now) -> OwnKind.shortDigest(object.status()))
                        .from(".status.digest"),
                Column.computed("Update", "What it would move to.", (object, now) -> pending(object))
                        .from(".status.pendingDigest"),
                Column.number("Consumers", "Who uses it.", (object, now) -> object.status()
                        .path("consumers")
                        .size()),
                OwnKind.ready(),
                Column.AGE);
    }

    private static String pending(ApiObject object) {
        String digest = object.status().path("pendingDigest").asText();
        return digest.isEmpty() ? "" : digest.substring(0, Math.min(digest.length(), "sha256:".length() + 12));
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.hasNonNull("tag")) {
            spec.put("tag", "latest");
        }
        if (!spec.hasNonNull("historyLimit")) {
            spec.put("historyLimit", 10);
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        spec.at("repository").requireReads(ImageNames::repository);
        spec.at("tag").reads(ImageNames::tag);
        spec.at("historyLimit").notNegative();
        spec.at("rollbackTo").reads(ImageNames::digest);
        spec.at("approval").oneOf(List.of("Auto", "Manual"));
        spec.at("rollout").at("mode").oneOf(List.of("Auto", "Never"));
        duration(spec.at("rollout").at("progressDeadline"));
        target(spec.at("target"));
        if (before == null || !isSelectedAlike(object, before)) {
            selection(spec.at("target").at("follow"));
        }
        if (spec.at("window").isThere()) {
            window(spec.at("window"));
        }
        for (Place push : spec.at("push").items()) {
            push.at("registry").requireReads(Names::subdomain);
            push.at("repository").reads(ImageNames::repository);
            push.at("tag").reads(ImageNames::tag);
        }
    }

    private static void target(Place target) {
        target.exactlyOneOf(List.of("image", "digest", "follow"));
        if (target.at("image").isThere()) {
            target.at("image").at("name").requireReads(Names::subdomain);
        }
        target.at("digest").reads(ImageNames::digest);
        Place follow = target.at("follow");
        if (follow.isThere()) {
            follow.at("reference").requireReads(ImageNames::reference);
            follow.at("by").oneOf(List.of("Digest", "SemVer", "Pattern"));
            Place range = follow.at("range");
            range.holds(VersionRange.parse(range.text()).isPresent(), "must be a range of versions like >=1.4 <2");
            follow.at("pattern").holds(isPattern(follow.at("pattern").text()), "must be a regular expression");
            duration(follow.at("interval"));
        }
    }

    /// A Tag in the store may have more than is looked at; that must not keep it from being written.
    private static boolean isSelectedAlike(ApiObject object, ApiObject before) {
        JsonNode now = object.spec().at("/target/follow");
        JsonNode earlier = before.spec().at("/target/follow");
        return Stream.of("by", "range", "pattern")
                .allMatch(field -> now.path(field).equals(earlier.path(field)));
    }

    private static void selection(Place follow) {
        String by = follow.at("by").text();
        follow.at("range").holds(!List.of("Digest", "Pattern").contains(by), "may only be set when by is SemVer");
        follow.at("pattern").holds(!by.equals("Digest"), "may only be set when by is SemVer or Pattern");
    }

    private static void window(Place window) {
        if (window.at("schedule").require()) {
            window.at("schedule")
                    .holds(
                            CronSchedule.parse(window.at("schedule").text()).isPresent(),
                            "must be five fields as in cron, like 0 3 * * SUN");
        }
        if (window.at("duration").require()) {
            duration(window.at("duration"));
        }
        window.at("timeZone")
                .holds(
                        ZoneId.getAvailableZoneIds()
                                .contains(window.at("timeZone").text()),
                        "must be the name of a time zone like Europe/Berlin");
    }

    private static void duration(Place duration) {
        duration.holds(DurationText.parse(duration.text()).isPresent(), "must be a length of time like 90s or 1h30m");
    }

    private static boolean isPattern(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
