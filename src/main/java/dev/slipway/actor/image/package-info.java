/// Makes Images present, moves Tags, and knows how Registries are reached.
@NullMarked
package dev.slipway.actor.image;

import org.jspecify.annotations.NullMarked;
