/// Describes the kinds as OpenAPI v3 documents, from their Java classes.
@NullMarked
package dev.slipway.door.openapi;

import org.jspecify.annotations.NullMarked;
