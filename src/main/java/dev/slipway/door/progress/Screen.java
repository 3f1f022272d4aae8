package dev.slipway.door.progress;

import java.time.Duration;

/// Shows overviews, one after the other.
sealed interface Screen permits LiveScreen, PlainScreen {
    /// @param elapsed since the beginning
    void show(Overview overview, Duration elapsed);

    /// How long to wait for the next look when nothing changes.
    Duration pace();

    /// Leaves the place for what follows.
    void end();
}
