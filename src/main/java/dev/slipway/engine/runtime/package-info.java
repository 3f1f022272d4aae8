/// Pod sandboxes and containers, and their states.
///
/// Words: see [dev.slipway.engine.runtime.ContainerRuntime].
///
/// In: requests as values, with every reference resolved. Out: states as values, and the uids of pods that changed.
///
/// Never: Kubernetes' classes, restart policies, back-off. What shall happen next is decided in `actor.node`.
@NullMarked
package dev.slipway.engine.runtime;

import org.jspecify.annotations.NullMarked;
