/// A pod's network namespace, address and port mappings.
@NullMarked
package dev.slipway.engine.network;

import org.jspecify.annotations.NullMarked;
