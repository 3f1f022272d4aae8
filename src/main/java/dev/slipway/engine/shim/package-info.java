/// Starts the C shim with a plan, hears its events, finds it again after a restart.
@NullMarked
package dev.slipway.engine.shim;

import org.jspecify.annotations.NullMarked;
