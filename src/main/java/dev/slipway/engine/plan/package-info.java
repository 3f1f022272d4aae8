/// Container spec in, launch plan out; pure.
///
/// Words: a *plan* is the list of steps that one shim carries out; a *step* is one system call with its arguments, or
/// one of the few things that the shim can do beside; a *slot* is a number that one step leaves for later ones, such as
/// a descriptor; the *fork* is the step after which the child that becomes the process goes on alone; the *file* of a
/// plan is what `plan.h` describes.
///
/// In: [dev.slipway.engine.launch.ContainerSpec], [dev.slipway.engine.launch.ExecSpec]. Out: [LaunchPlan], and its file
/// by [PlanWriter].
///
/// Never: looks at the host. The same spec always gives the same plan.
///
/// The image is the attacker. What decides the order of steps:
///
/// - Sources on the host become mounts that are attached nowhere before the root is changed; from then on every path is
///   resolved by openat2(2) below a descriptor of the container's root, and mounts go onto descriptors.
/// - Nothing is mounted on the host: all mounts live and die in the mount namespace of the child.
/// - No device file can be made to work: every mount is `nodev`, except the single nodes that are bound into `/dev`, or
///   where the container asks for a device, read-only, so that not even their modes can be changed. A container with
///   `SYS_ADMIN` could mount as it likes, so its binds keep their flags; what it may open all the same is decided by
///   the cgroup that the child is born in or joins first ([dev.slipway.engine.launch.CgroupPlacement]).
/// - Every step says in words what it does, because the words are what a user reads when the kernel refuses it.
@NullMarked
package dev.slipway.engine.plan;

import org.jspecify.annotations.NullMarked;
