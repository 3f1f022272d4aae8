package dev.slipway.actor.workload;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;

/// What the pods of a workload shall do: the annotation `slipway.dev/desired-state`.
///
/// @param word `Running`, `Stopped` or `Paused`; empty when the workload says nothing
record DesiredState(String word) {
    static final String ANNOTATION = PodAnnotations.DESIRED_STATE;

    static DesiredState of(ApiObject object) {
        return new DesiredState(object.annotations().getOrDefault(ANNOTATION, ""));
    }

    /// Whether pods serve nobody.
    boolean isRest() {
        return word.equals("Stopped") || word.equals("Paused");
    }

    /// What a set has to say when its Deployment says this. One that says nothing any more means `Running`.
    DesiredState handedTo(DesiredState before) {
        return word.isEmpty() && !before.word().isEmpty() ? new DesiredState("Running") : this;
    }
}
