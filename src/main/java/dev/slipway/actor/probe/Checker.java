package dev.slipway.actor.probe;

import dev.slipway.engine.runtime.ContainerName;
import java.time.Duration;

/// Asks one container one question. Thread-safe.
public interface Checker {
    /// Blocks until there is an answer, or `timeout` is over.
    Finding ask(Check check, Target target, Duration timeout) throws InterruptedException;

    /// Runs what a hook wants to be run: a command has to succeed, but of a server only an answer is wanted,
    /// whatever it says.
    Finding run(Check hook, Target target, Duration timeout) throws InterruptedException;

    /// @param address of its pod; empty where it has none
    record Target(ContainerName container, String address) {}
}
