/// Keeps the store equal to its sources: read, apply, prune.
@NullMarked
package dev.slipway.door.gitops;

import org.jspecify.annotations.NullMarked;
