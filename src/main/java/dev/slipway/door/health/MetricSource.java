package dev.slipway.door.health;

import java.util.List;

/// A room that has numbers for `/metrics`: reconciles, pulls, containers.
@FunctionalInterface
public interface MetricSource {
    /// The numbers as they are now. Cheap: it is called for every scrape.
    List<Metric> metrics();
}
