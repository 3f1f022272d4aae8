/// Pod sandboxes and containers, and their states.
@NullMarked
package dev.slipway.engine.runtime;

import org.jspecify.annotations.NullMarked;
