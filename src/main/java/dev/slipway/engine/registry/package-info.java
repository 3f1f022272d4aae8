/// The OCI distribution protocol, as a client.
@NullMarked
package dev.slipway.engine.registry;

import org.jspecify.annotations.NullMarked;
