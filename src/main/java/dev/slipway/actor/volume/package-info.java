/// Makes directories for Volumes, and says who uses them.
@NullMarked
package dev.slipway.actor.volume;

import org.jspecify.annotations.NullMarked;
