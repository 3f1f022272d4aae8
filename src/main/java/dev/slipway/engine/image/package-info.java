/// Pull, name and forget images.
@NullMarked
package dev.slipway.engine.image;

import org.jspecify.annotations.NullMarked;
