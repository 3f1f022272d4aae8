package dev.slipway.door.logs;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// What part of a log is wanted, and how.
///
/// @param follow stay and send what comes until the run ends
/// @param timestamps begin each line with its time
/// @param tailLines only the last lines
/// @param since only lines from this moment on
/// @param limitBytes end after so many bytes, also within a line
record LogOptions(
        boolean follow, boolean timestamps, OptionalLong tailLines, Optional<Instant> since, OptionalLong limitBytes) {

    static LogOptions everything() {
        return new LogOptions(false, false, OptionalLong.empty(), Optional.empty(), OptionalLong.empty());
    }
}
