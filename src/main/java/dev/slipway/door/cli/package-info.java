/// The `slipway` command: talks HTTP and never boots the engine's framework.
@NullMarked
package dev.slipway.door.cli;

import org.jspecify.annotations.NullMarked;
