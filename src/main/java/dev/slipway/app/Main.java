package dev.slipway.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/// The engine's process. Configuration that was typed becomes system properties before the framework starts, so that
/// there is one way to read it.
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String... words) {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(words));
        } catch (IllegalArgumentException e) {
            System.err.println("slipway: " + e.getMessage());
            System.err.print(Arguments.USAGE);
            System.exit(2);
            return;
        }
        arguments.properties().forEach(System::setProperty);
        if (arguments.verb() == Arguments.Verb.UP) {
            // People read the progress; what the diary would say of it is there already.
            System.setProperty("quarkus.log.console.level", "WARN");
        }
        Quarkus.run(EngineApplication.class, words);
    }
}
