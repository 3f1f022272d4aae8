/// Keeps one Pod for each Container, with the life that the Container asks for, and writes its status.
///
/// Words: a Container's *own* pod has its name and is controlled by it; a pod is *the same* when it was made of what
/// the Container says now; to *roll* is to end one and make the next.
///
/// An image that a Tag has as its name is the Tag's, whether it is written as `image` or as `imageFrom`.
///
/// In: Containers, and what they name: Images, Tags, Volumes. Out: Pods, statuses, questions for the image of the next
/// Pod.
///
/// Never: touches the kernel. There is one path to it, and that is the Pod.
///
/// Invariant: the Pod that runs is ended only when the image of the next one is here and its Volumes are ready; until
/// then `Reconciling` says what is missing, and the old one follows the desired state. A Volume that is deleted, and
/// stays only for the pod that runs, is not waited for.
///
/// Containers that wait for each other are told so (`DependencyCycle`) rather than waited for; one that gets no users
/// of its own without having asked for those of the host is told why (`UserNamespace`).
///
/// A Container that is over is deleted when its time is (`Expiry`), but neither while a watched directory declares it
/// nor while something depends on it, which would wait for ever for what does not exist.
///
/// Intended: the writable layer belongs to the pod. Stop, start, pause, a restart that somebody asks for, a crash, a
/// new label, other limits and a restart of the engine keep it; a changed spec or image, and a pod that somebody
/// deletes, begin with a fresh one, as with docker compose. A pod of that name that belongs to somebody else is left
/// alone.
@NullMarked
package dev.slipway.actor.container;

import org.jspecify.annotations.NullMarked;
