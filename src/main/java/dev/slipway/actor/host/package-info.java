/// Keeps the Node object of this host true.
@NullMarked
package dev.slipway.actor.host;

import org.jspecify.annotations.NullMarked;
