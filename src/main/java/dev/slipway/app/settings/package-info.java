/// The engine's configuration: the settings that there are, and what was made of them.
///
/// Words: a *key* is the name of a setting, `slipway.root`; it is set by an *option* (`--root`), a *property*
/// (`slipway.root`) or a *variable* (`SLIPWAY_ROOT`).
///
/// In: the framework's configuration. Out: values that were checked, and refusals in the words of whoever set them.
///
/// Invariants: a key that the engine asks for is a setting, and nothing else is; what misspells one is refused.
@NullMarked
package dev.slipway.app.settings;

import org.jspecify.annotations.NullMarked;
