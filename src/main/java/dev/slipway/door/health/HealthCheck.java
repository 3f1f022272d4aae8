package dev.slipway.door.health;

/// One thing that has to work.
///
/// @param name in lower case, with hyphens
public record HealthCheck(String name, Question question) {
    /// How it is found out. Cheap: monitors ask every few seconds.
    @FunctionalInterface
    public interface Question {
        /// Why it does not work; empty when it does.
        String trouble() throws InterruptedException;
    }
}
