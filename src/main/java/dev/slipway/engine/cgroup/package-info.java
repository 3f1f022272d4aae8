/// Limits and usage of pods and containers, on hosts with cgroups of version 1, version 2, or both.
///
/// Words: a *hierarchy* is one mounted tree of cgroups ([Hierarchies]); the *unified* one is version 2, a *classic* one
/// version 1; a *controller* limits one resource and lives in exactly one hierarchy; a *placement* ([Placement]) is the
/// directories that a process has to be in.
///
/// In: [CgroupName], [Limits]. Out: [Placement], [CgroupUsage], counts of processes that the kernel killed for memory.
///
/// Never: starts processes, decides limits.
///
/// Every engine has one directory of its own name in each hierarchy, with one directory a pod and one a container below
/// it, and touches nothing outside. Freezing and killing go through the unified hierarchy wherever it is mounted, even
/// without controllers. On version 1 a container is put only into the hierarchies that it has limits in.
@NullMarked
package dev.slipway.engine.cgroup;

import org.jspecify.annotations.NullMarked;
