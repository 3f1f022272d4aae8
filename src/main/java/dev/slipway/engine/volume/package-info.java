/// Directories that outlive containers, and atomic projections.
@NullMarked
package dev.slipway.engine.volume;

import org.jspecify.annotations.NullMarked;
