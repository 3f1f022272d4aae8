/// What the rooms of the engine call the things they share.
@NullMarked
package dev.slipway.engine.id;

import org.jspecify.annotations.NullMarked;
