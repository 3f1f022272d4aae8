/// Container spec in, launch plan out; pure.
@NullMarked
package dev.slipway.engine.launch;

import org.jspecify.annotations.NullMarked;
