package dev.slipway.actor.space;

import java.io.IOException;
import java.time.Instant;

/// What no image has: layers that are kept for the next build, notes of how steps were done, and content that pulls and
/// builds left which did not end.
public interface Leftovers {
    /// Removes what nobody has asked for since `before`; once a day.
    void tidy(Instant before) throws IOException;

    /// Removes as much of it as is not in use at this moment.
    void release() throws IOException;
}
