/// The Kubernetes HTTP API: discovery, reading, writing, watching, tables, logs.
@NullMarked
package dev.slipway.door.apiserver;

import org.jspecify.annotations.NullMarked;
