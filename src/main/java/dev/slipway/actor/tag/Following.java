package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.DurationText;
import dev.slipway.desired.model.SemVer;
import dev.slipway.desired.model.VersionRange;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What of a registry a Tag follows. Pure.
///
/// @param range of versions; empty for all releases
/// @param pattern that tags must contain; empty for none
public record Following(Reference reference, By by, String range, String pattern, Duration interval, boolean onPush) {
    private static final Duration INTERVAL = Duration.ofMinutes(5);
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /// How the one tag is chosen.
    public enum By {
        DIGEST,
        SEM_VER,
        PATTERN
    }

    /// An exact image of a repository, until it is here.
    static Following pinned(Repository repository, Digest digest) {
        return new Following(new Reference(repository, "", digest), By.DIGEST, "", "", SHORTEST, false);
    }

    /// What the spec of a Tag follows; empty where it follows nothing, or what cannot be read.
    public static Optional<Following> of(ApiObject tag) {
        JsonNode follow = tag.spec().at("/target/follow");
        try {
            return follow.isObject() ? Optional.of(read(follow)) : Optional.empty();
        } catch (InvalidReferenceException e) {
            return Optional.empty();
        }
    }

    private static Following read(JsonNode follow) throws InvalidReferenceException {
        Duration interval = DurationText.parse(follow.path("interval").asText()).orElse(INTERVAL);
        return new Following(
                Reference.parse(follow.path("reference").asText()),
                by(follow),
                follow.path("range").asText(),
                follow.path("pattern").asText(),
                interval.compareTo(SHORTEST) < 0 ? SHORTEST : interval,
                follow.path("onPush").asBoolean(true));
    }

    /// Who names a range or a pattern wants versions, or tags, though it does not say so.
    private static By by(JsonNode follow) {
        return switch (follow.path("by").asText()) {
            case "SemVer" -> By.SEM_VER;
            case "Pattern" -> By.PATTERN;
            case "Digest" -> By.DIGEST;
            default -> {
                boolean isRange = !follow.path("range").asText().isEmpty();
                boolean isPattern = !follow.path("pattern").asText().isEmpty();
                yield isRange ? By.SEM_VER : isPattern ? By.PATTERN : By.DIGEST;
            }
        };
    }

    /// Whether a push of `name` may concern it.
    public boolean isAbout(Reference name) {
        return reference.repository().equals(name.repository())
                && (by != By.DIGEST || reference.tag().equals(name.tag()));
    }

    /// Whether the tags of the repository must be listed.
    boolean needsTags() {
        return by != By.DIGEST;
    }

    /// The tag to follow, of those that the repository has.
    Optional<Reference> choose(Collection<String> tags) {
        if (reference.pin().isPresent()) {
            return Optional.of(reference);
        }
        Pattern wanted = Pattern.compile(pattern);
        Collection<String> matching =
                tags.stream().filter(tag -> wanted.matcher(tag).find()).toList();
        Optional<String> best =
                switch (by) {
                    case DIGEST -> Optional.of(reference.tag());
                    case SEM_VER -> highest(matching);
                    case PATTERN -> matching.stream().max(NATURAL);
                };
        return best.map(tag -> new Reference(reference.repository(), tag, null));
    }

    private Optional<String> highest(Collection<String> tags) {
        Optional<VersionRange> wanted = VersionRange.parse(range.isEmpty() ? "*" : range);
        Map<SemVer, String> versions = new TreeMap<>();
        for (String tag : tags) {
            SemVer.parse(tag)
                    .filter(version -> wanted.isPresent() && wanted.get().contains(version))
                    // Of 1.4 and 1.4.0 the longer one says more.
                    .ifPresent(version ->
                            versions.merge(version, tag, (one, other) -> one.length() >= other.length() ? one : other));
        }
        return versions.values().stream().reduce((lower, higher) -> higher);
    }

    /// By their letters, numbers in them by value: `v9` before `v10`.
    private static final Comparator<String> NATURAL =
            Comparator.comparing(Following::padded).thenComparing(Comparator.naturalOrder());

    private static String padded(String tag) {
        return Pattern.compile("[0-9]+").matcher(tag).replaceAll(number -> {
            String digits = number.group().replaceFirst("^0+(?=.)", "");
            return "0".repeat(Math.max(0, 128 - digits.length())) + digits;
        });
    }

    /// What is said of it.
    String words() {
        return switch (by) {
            case DIGEST -> reference.familiar();
            case SEM_VER -> reference.repository().familiar() + " " + (range.isEmpty() ? "releases" : range);
            case PATTERN -> reference.repository().familiar() + " /" + pattern + "/";
        };
    }
}
