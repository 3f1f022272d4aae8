/// Makes directories for Volumes, and says who uses them.
///
/// Words: a Volume is *in use* while a pod claims it; its *origin* is what a Volume without a manifest was made for.
///
/// In: Volumes, and the Pods that claim them. Out: directories of the host, and statuses.
///
/// Never: mounts anything, removes data that are in use, retained, or the host's.
@NullMarked
package dev.slipway.actor.volume;

import org.jspecify.annotations.NullMarked;
