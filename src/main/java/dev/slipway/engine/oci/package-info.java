/// OCI vocabulary as values.
@NullMarked
package dev.slipway.engine.oci;

import org.jspecify.annotations.NullMarked;
