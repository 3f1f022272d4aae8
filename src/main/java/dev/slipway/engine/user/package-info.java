/// The user namespaces of pods: who gets which ids, and how such a namespace is made and kept.
///
/// Words: a *range* is user ids of the host that follow each other, 65,536 unless more are asked for, and the group ids
/// of the same numbers; a *fixed* one was asked for by its first id; a *pin* keeps a namespace alive without a process
/// in it; a *ready* namespace was made before anybody needed it.
///
/// In: pods that want users of their own. Out: [dev.slipway.engine.launch.UserNamespace], with the network and ipc
/// namespaces that belong to it. Pods that have the users of the host get a ready ipc namespace here, too.
///
/// Invariants: no two pods of a host have ids of the same free range, also of two engines, and none has ids that
/// `/etc/subuid` or `/etc/subgid` give to somebody. Which pod has which range is in the runtime's record of its
/// sandbox; nothing on a disk depends on it, because layers and volumes are mounted with their ids translated.
///
/// Engines agree in `/run/slipway-ids` ([HostClaims]), where a range is claimed before it is given. A line in
/// `/etc/subuid` for each engine would say the same, but stays when the engine is gone, is the administrator's to write
/// and says nothing about a second engine; what `/proc/*/uid_map` shows comes too late for two that choose at once, and
/// not for pods whose containers have all ended. What an engine that was killed had made ready, or given to a pod that
/// has no record, the next one gives back when it has adopted all pods.
///
/// Intended: who asks for a fixed range may share it with others that ask for it, and may be users that
/// `/etc/subuid` gives to somebody: that is the point of asking.
@NullMarked
package dev.slipway.engine.user;

import org.jspecify.annotations.NullMarked;
