package dev.slipway.door.health;

import java.time.Instant;

/// One way in which this host is not as declared.
///
/// @param object what it is about: `pods/default/web`, or a file with its line
/// @param reason one word in CamelCase, as in conditions
/// @param message the cause, for people
/// @param since when it began
public record Problem(String object, String reason, String message, Instant since) {}
