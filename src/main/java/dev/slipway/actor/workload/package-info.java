/// Keeps as many equal pods as ReplicaSets say, and leads Deployments from one version of their pods to the next.
///
/// Words: Kubernetes' own. A set *owns* the pods that it controls; to *claim* is to adopt who is selected and
/// controlled by nobody, and to release who is selected no more; the *newest* set of a Deployment has the Deployment's
/// template, all others are *old*; a pod is *available* when it has been ready for long enough.
///
/// In: Deployments, ReplicaSets, Pods. Out: ReplicaSets, Pods, and the statuses of the former two.
///
/// Never: touches the kernel. There is one path to it, and that is the Pod.
///
/// Intended: what is decided follows from what the store holds when a round begins, our own writes included; so there
/// are no expectations to wait for, as other implementations need them with their caches. A round makes few changes,
/// and what somebody else has changed meanwhile starts the next.
@NullMarked
package dev.slipway.actor.workload;

import org.jspecify.annotations.NullMarked;
