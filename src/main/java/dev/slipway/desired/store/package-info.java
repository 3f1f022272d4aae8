/// Objects by key under one growing resource version, in an embedded database; watches.
@NullMarked
package dev.slipway.desired.store;

import org.jspecify.annotations.NullMarked;
