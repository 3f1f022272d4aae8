/// Makes the machine match Pods, and writes their status.
@NullMarked
package dev.slipway.actor.pod;

import org.jspecify.annotations.NullMarked;
