/// Durable files: written aside, synced and renamed, so that a reader sees the old bytes or the new ones, never a mix;
/// and directories that belong to one process.
///
/// Words: to *sync* is to wait until the disk has it; a *lock* keeps a directory for one process.
///
/// Never: formats, layouts.
@NullMarked
package dev.slipway.disk;

import org.jspecify.annotations.NullMarked;
