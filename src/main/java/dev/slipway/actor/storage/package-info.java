/// Watches what pods write to this host's disks, and says who has written more than its limits allow.
///
/// Words: *storage* of a pod is what goes with it: writable layers, logs, empty directories on disk; an *excess* is a
/// limit that was exceeded, in the kubelet's words; the *headroom* of a pod is what it may still write before it has
/// one; a *look* counts all of a pod's files.
///
/// In: limits of pods that run, from their rounds. Out: excesses and usage, and the uids of pods of which one or the
/// other has changed.
///
/// Never: ends anybody; writes a status. `actor.pod` decides by the excess that it finds here.
///
/// Intended: where the file system counts by project, it is asked, of pods in a user namespace of their own: others
/// could have their files counted elsewhere. Few file systems are mounted so; else files are counted, and as seldom as
/// can be. Nobody can have used up a headroom while the file system as a whole has lost less than that, which one call
/// tells for all pods together. Beside that, looks have pauses that grow while nothing changes, and are never so
/// frequent that they take more than a hundredth of the time: a pod that writes as much as others remove is found out a
/// little later. Pods without limits cost nothing, and nothing is written while nothing changes.
@NullMarked
package dev.slipway.actor.storage;

import org.jspecify.annotations.NullMarked;
