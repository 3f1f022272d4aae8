/// Which devices a container may open, said in the kernel's languages. Pure, but for a look at the host's nodes.
///
/// Words: a *rule* ([DeviceRule]) allows some access to one device, or to all of a kind; a *list* ([DeviceList]) is all
/// that a container may, and what it does not name is refused; a *filter* ([DeviceFilter]) is the eBPF program that the
/// kernel asks at each open(2), mknod(2) and mount(2) of a device.
///
/// In: nothing, or nodes of the host. Out: an array of `struct bpf_insn` for version 2 of cgroups, lines for version 1.
///
/// Never: loads a filter, knows a container.
///
/// The list of whoever asks for nothing is that of the OCI runtime specification, as runc and crun have it: the nodes
/// of every `/dev`, and mknod(2) of any. A node may be made, because archives hold them; it cannot be opened. The
/// host's console is not in the list: what containers have under that name is a terminal of their own.
///
/// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller cgroups, version 2: Device controller
/// @spec https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-devices OCI Runtime Spec:
///     Default Devices
@NullMarked
package dev.slipway.engine.device;

import org.jspecify.annotations.NullMarked;
