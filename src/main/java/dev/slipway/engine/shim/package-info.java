/// Starts the C shim with a plan, hears its events, finds it again after a restart.
///
/// Words: a *shim* is the small native process beside each container; a *run directory* is `<run>/containers/<id>` on a
/// tmpfs and belongs to one run of one container; an *exit record* is the file `exit.json` in it; an *execution* is one
/// more process in a container, or a client's hold on the container's own streams; a *target* is the first process of a
/// container, held by a descriptor, whose namespaces somebody enters.
///
/// In: [dev.slipway.engine.launch.ContainerSpec], carried out as [dev.slipway.engine.plan.LaunchPlan].
/// Out: [StartResult], [Found], [Execution], calls of [ExitListener].
///
/// Never: decides what to start or whether to start it again; makes networks, cgroups or layers.
@NullMarked
package dev.slipway.engine.shim;

import org.jspecify.annotations.NullMarked;
