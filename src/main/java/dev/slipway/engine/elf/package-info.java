/// Reads from ELF files what they need to run.
///
/// Words: a *segment* is a part of the file with a meaning of its own; the *dynamic section* names the libraries that
/// a program needs, and where to look for them.
///
/// In: files of the host. Out: [Elf].
///
/// Never: runs anything, looks for a library.
@NullMarked
package dev.slipway.engine.elf;

import org.jspecify.annotations.NullMarked;
