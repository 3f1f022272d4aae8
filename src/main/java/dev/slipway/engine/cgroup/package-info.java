/// Limits and usage of pods and containers, on hosts with cgroups of version 1, version 2, or both.
///
/// Words: a *hierarchy* is one mounted tree of cgroups ([Hierarchies]); the *unified* one is version 2, a *classic* one
/// version 1; a *controller* limits one resource and lives in exactly one hierarchy; a *placement* ([Placement]) is the
/// directories that a process has to be in; a *list* of devices names all that may be opened.
///
/// In: [CgroupName], [Limits], [dev.slipway.engine.device.DeviceList]. Out: [Placement], [CgroupUsage], counts of
/// processes that the kernel killed for memory.
///
/// Never: starts processes, decides limits or what may be opened.
///
/// Every engine has one directory of its own name in each hierarchy, with one directory a pod and one a container
/// below it, and touches nothing outside. Freezing and killing go through the unified hierarchy wherever it is
/// mounted, even without controllers. On version 1 a container is put only into the hierarchies that it has limits
/// in, and into that of cpus, where it has a share also if it asks for none: the least there is; and into that of
/// memory where the engine's own is limited, which is no limit of its containers. A pod's share is the sum of those
/// in it. Its weight among the users of a disk is the highest of those in it, so that a container's weight counts
/// beyond its pod; one that nothing on this host reads is refused.
///
/// An engine that runs in a container has its own cgroup for root. On version 2 such a one keeps its controllers,
/// because processes are in it, the engine's among them: there containers are frozen and killed, and limits
/// refused.
///
/// A container's list of devices is in force before its first process is: it belongs to the directory that the process
/// is born in (a program, on any host with the unified hierarchy and bpf(2)), or joins before it opens anything (the
/// `devices` controller). So it holds for every process that is started there later, and goes on without the engine.
/// One program serves all containers with the same list: to attach it takes a tenth of a millisecond. A host that has
/// neither means says so when the engine starts. The list is no wall against `SYS_ADMIN` with the host's users: such a
/// process can detach the program by bpf(2), mount the hierarchy of version 1 and write to it, or mount once more what
/// the host has mounted of a disk, of which the kernel asks nothing, as under runc. It holds against the rest, and
/// against mistakes.
@NullMarked
package dev.slipway.engine.cgroup;

import org.jspecify.annotations.NullMarked;
