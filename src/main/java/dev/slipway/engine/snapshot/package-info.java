/// Stacks layers into root file systems.
@NullMarked
package dev.slipway.engine.snapshot;

import org.jspecify.annotations.NullMarked;
