/// What to launch, as values: a container or one more process in it, in full.
///
/// Words: a *spec* is one run of one container or process with nothing left to look up; *privileges* are capabilities,
/// system calls and whether more may be gained.
///
/// In: values from `runtime`. Out: specs for the planner of `engine.plan`.
///
/// Never: starts anything, and reads nothing but the image's user files ([ImageUsers]) and the host's seccomp profiles
/// ([SeccompProfiles]).
@NullMarked
package dev.slipway.engine.launch;

import org.jspecify.annotations.NullMarked;
