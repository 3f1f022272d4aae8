/// Keeps as many equal pods as ReplicaSets say, and leads Deployments from one version of their pods to the next.
///
/// Words: Kubernetes' own. A set *owns* the pods that it controls; to *claim* is to adopt who is selected and
/// controlled by nobody, and to release who is selected no more; the *newest* set of a Deployment has the Deployment's
/// template, all others are *old*; a pod is *available* when it has been ready for long enough.
///
/// A template is *bound* to an image where a Tag has the name that it uses: it says with which digest, and its pods get
/// that one.
///
/// In: Deployments, ReplicaSets, Pods, and Tags. Out: ReplicaSets, Pods, bound templates, and the statuses of the
/// former two.
///
/// Never: touches the kernel. There is one path to it, and that is the Pod.
///
/// Intended: what is decided follows from what the store holds when a round begins, our own writes included; so there
/// are no expectations to wait for, as other implementations need them with their caches. A round makes few changes,
/// and what somebody else has changed meanwhile starts the next.
///
/// A Tag that moves changes the templates of the Deployments that use its name, as `kubectl rollout restart` does, and
/// is so a rollout with history. Who goes back by `rollout undo` stays there until the Tag moves again. A rollout that
/// does not come to its end in time is told to the Tag, which goes back, and takes all that use it with it.
///
/// A ReplicaSet that nobody controls is not rolled, as in Kubernetes a changed template of it rolls nothing: its pods
/// stay with the image that they were made of, and the next ones get what the Tag points at by then.
@NullMarked
package dev.slipway.actor.workload;

import org.jspecify.annotations.NullMarked;
