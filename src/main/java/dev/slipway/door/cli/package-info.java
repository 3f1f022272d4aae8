/// The `slipway` command: talks HTTP to a running engine and never boots the engine's framework.
///
/// What its verbs have in common, and those that look at what runs, are in `door.command`.
///
/// Words: a *verb* is what the user typed (`get`, `apply`); a *resource name* is any name that the engine's discovery
/// knows a kind by (plural, singular, short name, kind); a *table* is the server's own rendering of a list.
///
/// In: arguments, manifests, the engine's unix socket. Out: text for people; for programs what `-o` asks for
/// (`json`, `yaml`, `name`, `jsonpath=`).
///
/// Never: rules of a kind. Columns, defaults and validation come from the server, so that kubectl and this command
/// cannot differ.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, which is told in two lines and not with the whole help. `exec` ends
/// with the exit code of what it ran.
@NullMarked
package dev.slipway.door.cli;

import org.jspecify.annotations.NullMarked;
