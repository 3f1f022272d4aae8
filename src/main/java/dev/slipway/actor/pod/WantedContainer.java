package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/// One container that a pod's manifest declares, as far as decisions need it.
///
/// @param image reference, as written
/// @param notBefore what began earlier shall begin again; `EPOCH` when nobody asked for that
/// @param spec the container in the pod's spec
record WantedContainer(String name, Role role, String image, Instant notBefore, JsonNode spec) {
    /// Whether it has started only some time after its process has begun.
    boolean takesTimeToStart() {
        return spec.path("startupProbe").isObject()
                || spec.path("lifecycle").path("postStart").isObject();
    }

    /// What the container is for.
    enum Role {
        /// Runs to its end before the next one and the main containers.
        INIT,
        /// An init container that stays: the next one begins when it has started, and it ends after the main
        /// ones.
        SIDECAR,
        /// What the pod is for.
        MAIN,
        /// Added to a pod that runs, to look into it; runs once, whatever the others do.
        EPHEMERAL
    }
}
