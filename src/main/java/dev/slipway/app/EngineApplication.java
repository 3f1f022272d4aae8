package dev.slipway.app;

import dev.slipway.app.settings.Configured;
import dev.slipway.app.settings.EngineSettings;
import dev.slipway.app.settings.UnknownSettings;
import dev.slipway.door.progress.UpRequest;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/// Starts the engine inside the framework, serves until the process is told to stop, and stops it.
public final class EngineApplication implements QuarkusApplication {
    private final Vertx vertx;
    private final Config config;

    @Inject
    public EngineApplication(Vertx vertx, Config config) {
        this.vertx = vertx;
        this.config = config;
    }

    @Override
    public int run(String... words) {
        Arguments arguments = Arguments.parse(List.of(words));
        try {
            UnknownSettings unknown = UnknownSettings.of(config);
            unknown.refuse();
            unknown.warning().ifPresent(line -> System.err.println("slipway: " + line));
            EngineSettings settings = EngineSettings.of(Configured.of(config, arguments.properties()));
            return switch (arguments.verb()) {
                case SERVE ->
                    serve(settings, engine -> {
                        Quarkus.waitForExit();
                        return 0;
                    });
                case UP -> serve(settings, up(arguments, settings)::await);
                case TRAIN -> {
                    Training training =
                            new Training(settings.serverUrl(), settings.root().resolve("pki"));
                    serve(settings, engine -> training.run());
                    yield new Dismantling(settings).run();
                }
                case DISMANTLE -> new Dismantling(settings).run();
            };
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("slipway: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /// What is done while an engine runs.
    private interface Stay {
        /// @return the exit code
        int beside(Engine.View engine) throws IOException, InterruptedException;
    }

    private int serve(EngineSettings settings, Stay stay) throws IOException, InterruptedException {
        try (Engine engine = new Engine(settings)) {
            engine.start(vertx);
            return stay.beside(engine.view());
        }
    }

    private static UpRun up(Arguments arguments, EngineSettings settings) {
        Path directory = settings.manifests().getFirst();
        Path kubeconfig = settings.root().resolve("kubeconfig");
        return new UpRun(new UpRequest(directory, arguments.limit(), settings.run(), kubeconfig), arguments.exit());
    }
}
