/// What the verbs of the `slipway` command have in common, and those that look at what runs: `logs`, `stats`, `top`,
/// `cp`, `wait`.
///
/// Words: a *resource name* is any name that the engine's discovery knows a kind by; a *target* is what a user names; a
/// *table* is the server's own rendering of a list.
///
/// In: arguments, the engine's unix socket. Out: text for people, and files of this host.
///
/// Never: measures, or opens a file of a container: the engine does. Files of this host are packed and unpacked by its
/// own tar(1), which every Linux has and which knows what not to follow.
@NullMarked
package dev.slipway.door.command;

import org.jspecify.annotations.NullMarked;
