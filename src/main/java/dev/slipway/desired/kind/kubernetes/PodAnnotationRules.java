package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.model.PodAnnotations;
import java.util.List;

/// What the annotations must be by which pods ask for what Kubernetes has no field for.
public final class PodAnnotationRules {
    private static final String ID = "must be a number between 1 and 2147483647";

    private PodAnnotationRules() {}

    public static void validate(Place annotations) {
        annotations.at(PodAnnotations.CPUSET).reads(CpuList::faults);
        Place limit = annotations.at(PodAnnotations.STORAGE_LAYER_SIZE_LIMIT);
        limit.holds(Quantities.parse(limit.text()).isPresent(), ResourceRules.QUANTITY);
        annotations.at(PodAnnotations.USER_NAMESPACE_HOST_ID).reads(PodAnnotationRules::ids);
        annotations.at(PodAnnotations.USER_NAMESPACE_SIZE).reads(PodAnnotationRules::ids);
    }

    private static List<String> ids(String text) {
        boolean isId = text.matches("[1-9][0-9]{0,9}") && Long.parseLong(text) <= Integer.MAX_VALUE;
        return isId ? List.of() : List.of(ID);
    }
}
