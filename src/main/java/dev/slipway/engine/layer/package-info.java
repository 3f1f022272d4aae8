/// Layer archive to tree and back, whiteouts.
@NullMarked
package dev.slipway.engine.layer;

import org.jspecify.annotations.NullMarked;
