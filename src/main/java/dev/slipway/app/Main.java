package dev.slipway.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;

/// The engine's process: starts every room, serves until it is told to stop.
@QuarkusMain
public final class Main implements QuarkusApplication {
    public static void main(String... arguments) {
        Quarkus.run(Main.class, arguments);
    }

    @Override
    public int run(String... arguments) {
        Quarkus.waitForExit();
        return 0;
    }
}
