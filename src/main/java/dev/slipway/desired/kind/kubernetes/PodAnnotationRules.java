package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.kind.Ulimit;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the annotations must be by which pods ask for what Kubernetes has no field for. Each holds for a value that is
/// new: what stands in the store is let be.
public final class PodAnnotationRules {
    private static final String ID = "must be a number between 1 and 2147483647";

    private static final List<String> STATES = List.of("Started", "Ready", "Complete");
    private static final String DEPENDENCIES =
            "must be Containers with what they shall be: Started, Ready or Complete; for instance "
                    + "db=Ready,job=Complete";

    private PodAnnotationRules() {}

    /// @param earlier the annotations that the object has in the store; missing when it is new
    /// @param spec of the pod
    public static void validate(Place all, JsonNode earlier, JsonNode spec) {
        state(all, earlier);
        Place annotations = all.changedSince(earlier);
        annotations.at(PodAnnotations.STORAGE_LAYER).oneOf(List.of("Kept"));
        annotations.at(PodAnnotations.IMAGE_VOLUMES).oneOf(List.of("Persist", "Ephemeral", "Ignore"));
        annotations.at(PodAnnotations.IMAGE_HEALTHCHECK).oneOf(List.of("Follow"));
        annotations.at(PodAnnotations.STOP_SIGNAL).reads(Signals::faults);
        annotations.at(PodAnnotations.COPY_UP).reads(PodAnnotationRules::labels);
        annotations.at(PodAnnotations.DEPENDS_ON).reads(PodAnnotationRules::dependencies);
        moment(all, earlier);
        annotations.at(PodAnnotations.CPUSET).reads(CpuList::faults);
        annotations.at(PodAnnotations.MAX_RESTARTS).reads(PodAnnotationRules::counts);
        annotations.at(PodAnnotations.ULIMITS).reads(PodAnnotationRules::ulimits);
        Place limit = annotations.at(PodAnnotations.STORAGE_LAYER_SIZE_LIMIT);
        limit.holds(Quantities.parse(limit.text()).isPresent(), ResourceRules.QUANTITY);
        annotations.at(PodAnnotations.USER_NAMESPACE_HOST_ID).reads(PodAnnotationRules::ids);
        annotations.at(PodAnnotations.USER_NAMESPACE_SIZE).reads(PodAnnotationRules::ids);
        NetworkRules.mode(annotations.at(PodAnnotations.NETWORK_MODE), spec);
        NetworkRules.excludesHost(annotations.at(PodAnnotations.NETWORK_MODE), spec);
        NetworkRules.address(annotations.at(PodAnnotations.NETWORK_ADDRESS), all.at(PodAnnotations.NETWORK_MODE));
        NetworkRules.excludesHost(annotations.at(PodAnnotations.NETWORK_ADDRESS), spec);
    }

    /// The annotations that an object has in the store; missing when it is new.
    public static JsonNode earlier(@Nullable ApiObject before) {
        return before == null ? MissingNode.getInstance() : before.metadata().path("annotations");
    }

    /// Also of a workload.
    public static void state(Place annotations, JsonNode earlier) {
        annotations
                .changedSince(earlier)
                .at(PodAnnotations.DESIRED_STATE)
                .oneOf(List.of("Running", "Stopped", "Paused"));
    }

    /// Also of a Container.
    public static void moment(Place annotations, JsonNode earlier) {
        annotations.changedSince(earlier).at(PodAnnotations.RESTARTED_AT).reads(PodAnnotationRules::moments);
    }

    private static List<String> moments(String text) {
        try {
            Instant.parse(text);
            return List.of();
        } catch (DateTimeParseException e) {
            return List.of("must be a moment as in RFC 3339, for instance 2026-01-31T08:00:00Z");
        }
    }

    private static List<String> dependencies(String text) {
        for (String each : text.split(",")) {
            String[] words = each.strip().split("=", 2);
            boolean isRight = Names.subdomain(words[0]).isEmpty() && (words.length == 1 || STATES.contains(words[1]));
            if (!isRight) {
                return List.of(DEPENDENCIES);
            }
        }
        return List.of();
    }

    private static List<String> ulimits(String text) {
        return Ulimit.parse(text).isPresent()
                ? List.of()
                : List.of("must be limits of processes, soft and hard: nofile=1024:2048,core=0; there are "
                        + String.join(", ", Ulimit.NAMES));
    }

    private static List<String> counts(String text) {
        boolean isCount = text.matches("0|[1-9][0-9]{0,9}") && Long.parseLong(text) <= Integer.MAX_VALUE;
        return isCount ? List.of() : List.of("must be a number between 0 and " + Integer.MAX_VALUE);
    }

    private static List<String> labels(String text) {
        return Arrays.stream(text.split(","))
                        .allMatch(each -> Names.label(each.strip()).isEmpty())
                ? List.of()
                : List.of("must be names of volumes, for instance data,cache");
    }

    private static List<String> ids(String text) {
        boolean isId = text.matches("[1-9][0-9]{0,9}") && Long.parseLong(text) <= Integer.MAX_VALUE;
        return isId ? List.of() : List.of(ID);
    }
}
