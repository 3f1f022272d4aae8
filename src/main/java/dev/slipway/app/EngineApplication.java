package dev.slipway.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;

/// Starts the rooms, serves until the process is told to stop, and stops them.
public final class EngineApplication implements QuarkusApplication {
    @Override
    public int run(String... words) {
        Quarkus.waitForExit();
        return 0;
    }
}
