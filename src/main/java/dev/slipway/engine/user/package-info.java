/// The user namespaces of pods: who gets which ids, and how such a namespace is made and kept.
///
/// Words: a *range* is 65,536 user ids of the host, and the group ids of the same numbers; a *pin* keeps a namespace
/// alive without a process in it.
///
/// In: pods that want users of their own. Out: [dev.slipway.engine.launch.UserNamespace], with the network and ipc
/// namespaces that belong to it.
///
/// Invariants: no two pods have a range at the same time, and none has ids that `/etc/subuid` or `/etc/subgid` give to
/// somebody. Which pod has which range is in the runtime's record of its sandbox; nothing on a disk depends on it,
/// because layers and volumes are mounted with their ids translated.
@NullMarked
package dev.slipway.engine.user;

import org.jspecify.annotations.NullMarked;
