/// Turns what a pod's manifest says into requests to the runtime, with every reference resolved.
///
/// Words: a *reference* names something outside the field that has it: a key of a ConfigMap or Secret, a field
/// of the pod, a limit of a container, a Volume, another variable; a reference is *missing* when what it names
/// is not there, which is no error when the reference is *optional*. A *scope* is all that references of one
/// pod can reach.
///
/// In: a pod as it is stored, and a way to look up other objects. Out: values of `engine.runtime`, or the
/// kubelet's words for what is missing.
///
/// Never: I/O, a clock, a decision when something is to be done. Whoever resolves again gets what holds then.
@NullMarked
package dev.slipway.actor.resolve;

import org.jspecify.annotations.NullMarked;
