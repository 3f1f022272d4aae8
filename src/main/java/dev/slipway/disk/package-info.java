/// Durable files: written aside, synced and renamed, so that a reader sees the old bytes or the new ones, never a mix.
@NullMarked
package dev.slipway.disk;

import org.jspecify.annotations.NullMarked;
