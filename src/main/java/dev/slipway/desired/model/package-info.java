/// Slipway's own kinds as Java classes; their CRDs are generated from these.
@NullMarked
package dev.slipway.desired.model;

import org.jspecify.annotations.NullMarked;
