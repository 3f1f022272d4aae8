/// Blobs under their digest, visible only when verified.
@NullMarked
package dev.slipway.engine.content;

import org.jspecify.annotations.NullMarked;
