package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives tests one engine for a whole process of tests, with an image `toolbox` (busybox) in it. Tests keep apart by
/// the names of their objects, and delete what they made.
final class SharedEngine implements ParameterResolver {
    static final String TOOLBOX = """
            apiVersion: slipway.dev/v1alpha1
            kind: Image
            metadata: {name: toolbox}
            spec:
              source:
                build:
                  from: scratch
                  steps:
                    - copyFromHost: {paths: [/bin/busybox], libraries: true}
                    - copy: {to: /etc/passwd, content: "root:x:0:0:root:/root:/bin/sh\\nada:x:1000:1001:Ada:/home/ada:/bin/sh\\n"}
                    - copy: {to: /etc/group, content: "root:x:0:\\nada:x:1001:\\nmaths:x:2000:ada\\n"}
                    - copy: {to: /data/seed.txt, content: "from the image\\n"}
                    - config: {env: {FROM_IMAGE: "yes", BOTH: image}, cmd: [/bin/busybox, sleep, "3600"]}
            """;

    /// Lives as long as the launcher's session, which is as long as a process of Maven's: a process that gets one
    /// class after another makes a run of each, and the root of its context ends with the class.
    private record Held(EngineProcess engine) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            engine.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EngineProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(
                        ExtensionContext.StoreScope.LAUNCHER_SESSION,
                        ExtensionContext.Namespace.create(SharedEngine.class))
                .computeIfAbsent("engine", key -> start(), Held.class)
                .engine();
    }

    private static Held start() {
        try {
            return new Held(fresh());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An engine of one's own that has the image `toolbox`, for tests that kill it or crowd it; whoever asks closes
    /// it.
    static EngineProcess fresh() throws IOException {
        return fresh(Path.of("/tmp"));
    }

    /// @param parent of its home, with a short name
    static EngineProcess fresh(Path parent) throws IOException {
        return withToolbox(EngineProcess.startIn(parent));
    }

    /// Makes the image in an engine that has just been started.
    static EngineProcess withToolbox(EngineProcess engine) throws IOException {
        try {
            engine.apply(TOOLBOX);
            engine.awaitField("image/toolbox", ".status.conditions[?(@.type==\"Ready\")].status", "True");
            return engine;
        } catch (UncheckedIOException | AssertionError e) {
            // Nobody else will end it.
            engine.close();
            throw e;
        }
    }
}
