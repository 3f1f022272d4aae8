/// Makes the machine match Pods, and writes their status.
///
/// Words: a *round* looks at one pod once; it makes a *decision*, which is a list of *actions* and a *verdict*
/// for each container; a *track* is one container as it is wanted, as the runtime has it and as the status
/// recorded it; a *streak* is a run of restarts without a good run between; *facts* are what a status has no
/// field for.
///
/// In: keys of pods, states of the runtime, the health of what runs, what it writes to disk, answers about images,
/// objects that pods refer to.
/// Out: requests to the runtime, statuses, events, Volume objects for the paths that images declare.
///
/// Never: a mount, a process, a pull; a decision outside `PodActions`; a status field outside the renderers; a question
/// to a container, which is for `actor.probe`.
///
/// Invariants: what can be done at once is done in one round, and the status is written once at its end. What must
/// outlive the engine stands in the status, in an annotation or in the runtime's records: everything in memory may be
/// lost. A container that shall run another image, or begin again, is stopped when its image is here and not before
/// (`ImageChangePending`). A run is forgotten by the runtime only when the status tells how it ended. A stop signal is
/// sent once. A program that cannot be executed is the end of a container that is not restarted (`StartError`), also of
/// one that initializes, and is tried again elsewhere.
@NullMarked
package dev.slipway.actor.pod;

import org.jspecify.annotations.NullMarked;
