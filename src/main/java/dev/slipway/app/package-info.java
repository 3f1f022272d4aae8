/// Builds every room once, starts and stops them in order; the only place with framework wiring.
@NullMarked
package dev.slipway.app;

import org.jspecify.annotations.NullMarked;
