/// What containers and the host use, as `metrics.k8s.io` tells it, and which processes a container has.
///
/// Words: a *total* is what was used up to a moment (cpu) and is used in it (memory, processes); a *rate* is what was
/// used between two of them, the *window*.
///
/// In: totals, which somebody else reads ([dev.slipway.door.usage.UsageSource]). Out: documents of `metrics.k8s.io`,
/// tables.
///
/// Never: measures while nobody asks. The first question of a while waits for a second reading; a window ends at the
/// moment of the question and began with the one before, or half a second ago.
@NullMarked
package dev.slipway.door.usage;

import org.jspecify.annotations.NullMarked;
