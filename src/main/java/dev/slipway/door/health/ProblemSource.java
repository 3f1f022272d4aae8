package dev.slipway.door.health;

import java.util.List;

/// A room that knows problems which no object's conditions tell, such as a manifest that cannot be read.
@FunctionalInterface
public interface ProblemSource {
    /// What is wrong now; empty when nothing is. Cheap: it is called for every `GET /status`.
    List<Problem> problems();
}
