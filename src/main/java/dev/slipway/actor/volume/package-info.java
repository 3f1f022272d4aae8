/// Makes directories for Volumes, says who uses them, and takes their snapshots.
///
/// Words: a Volume is *in use* while a pod claims it; its *origin* is what a Volume without a manifest was made for; to
/// *populate* it is to fill it when it is made, from an image, an archive, a *snapshot* or another Volume; *provenance*
/// is for whom and from what data were made, noted beside them. Who uses a volume is *held still* while it is copied:
/// its containers are frozen. A PersistentVolume is *declared* if people wrote it; others are only to be looked at.
///
/// In: Volumes, VolumeSnapshots and claims, and the Pods that use them. Out: directories of the host, and statuses.
///
/// Never: mounts anything inside a container, removes data that are in use, retained, or the host's.
///
/// A VolumeSnapshot names a claim, and that is the Volume of this name, as everywhere here; so snapshots need no kind
/// of their own, and no VolumeSnapshotContent: on one host it would be the same object again.
@NullMarked
package dev.slipway.actor.volume;

import org.jspecify.annotations.NullMarked;
