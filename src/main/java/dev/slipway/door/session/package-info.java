/// The user's end of a session: this command's own streams and terminal, joined with a process in a container.
///
/// Words: *raw* is a terminal that passes every key on instead of acting on it.
///
/// In: stdin, and the size of the terminal. Out: stdout, stderr, an exit code.
///
/// Never: leaves a terminal raw.
///
/// The terminal is set by stty(1): that needs neither native code nor a library, and costs a few milliseconds.
@NullMarked
package dev.slipway.door.session;

import org.jspecify.annotations.NullMarked;
