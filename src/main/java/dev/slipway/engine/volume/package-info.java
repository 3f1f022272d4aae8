/// Directories and files that containers mount beside their root.
///
/// Words: a *managed* volume ([ManagedVolumes]) outlives containers; a *pod volume* ([PodVolumes]) lives as long as its
/// pod; a *projection* is files made from objects, replaced together; to *copy up* is to fill an empty volume with what
/// the image has at that path; to *populate* one is to make it with a content, all or nothing. A *mounted* volume is a
/// file system of its own ([MountedVolumes]). To *give* a volume is to let a group of processes own and write all that
/// is in it ([VolumeGroup]).
///
/// In: names, contents, limits. Out: directories of the host, to be bind-mounted by the shim.
///
/// Never: mounts anything inside a container, reads objects.
///
/// A managed volume is a *project* of its file system where that has project quotas ([VolumeQuotas]): the file system
/// counts what it takes and keeps it to its capacity. Elsewhere it is walked through and watched.
///
/// Data on a managed volume is removed by `delete` and by nothing else. Secrets are in memory only.
///
/// A snapshot is a copy of a tree, file by file, which is cheap where the file system shares blocks. It is one moment's
/// only if nobody writes meanwhile; whoever asks for it sees to that.
@NullMarked
package dev.slipway.engine.volume;

import org.jspecify.annotations.NullMarked;
