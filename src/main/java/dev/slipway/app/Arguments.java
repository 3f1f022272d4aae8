package dev.slipway.app;

import dev.slipway.door.progress.UpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was typed behind `slipway serve` or `slipway up`.
///
/// @param properties configuration that options set, by property name
/// @param exit for `up`: leave once everything has converged
/// @param limit for `up`: how long that may take
record Arguments(Verb verb, Map<String, String> properties, boolean exit, Duration limit) {
    static final String USAGE = """
            usage: slipway serve [--manifests DIR]... [options]
                   slipway up DIR [--exit] [--timeout 5m] [options]
                   slipway dismantle [options]
            options:
              --root DIR           durable data           (SLIPWAY_ROOT, default /var/lib/slipway)
              --run DIR            sockets and namespaces (SLIPWAY_RUN, default /run/slipway)
              --listen HOST:PORT   TLS listener, or `off` (SLIPWAY_LISTEN, default 127.0.0.1:7443)
            """;

    /// What the engine's process is for.
    enum Verb {
        /// Serve until stopped.
        SERVE,
        /// Serve, show how a directory converges, then stay or leave.
        UP,
        /// Exercise everything once and stop, while the JVM notes down what it loads for the start-up cache.
        TRAIN,
        /// End every container of an engine that does not run, and take all that it made off the host, but for
        /// its data.
        DISMANTLE
    }

    Arguments {
        properties = Map.copyOf(properties);
    }

    /// @throws IllegalArgumentException when the words make no sense; the message is for the user
    static Arguments parse(List<String> words) {
        Deque<String> left = new ArrayDeque<>(words);
        Verb verb = verb(left.isEmpty() ? "serve" : left.pop());
        Map<String, String> properties = new LinkedHashMap<>();
        List<String> manifests = new ArrayList<>();
        boolean exit = false;
        Duration limit = UpRequest.USUAL_LIMIT;
        while (!left.isEmpty()) {
            String word = left.pop();
            switch (word) {
                case "--root", "--run" -> properties.put("slipway." + word.substring(2), absolute(value(word, left)));
                case "--listen" -> properties.put("slipway.listen", value(word, left));
                case "--manifests" -> manifests.add(directory(value(word, left)));
                case "--exit" -> exit = true;
                case "--timeout" -> limit = UpRequest.limit(value(word, left));
                default -> manifests.add(operand(verb, word, manifests));
            }
        }
        if (verb == Verb.UP && manifests.isEmpty()) {
            throw new IllegalArgumentException("up needs a directory of manifests");
        }
        if (!manifests.isEmpty()) {
            properties.put("slipway.manifests", String.join(",", manifests));
        }
        return new Arguments(verb, properties, exit, limit);
    }

    private static Verb verb(String word) {
        return switch (word) {
            case "serve" -> Verb.SERVE;
            case "up" -> Verb.UP;
            case "train" -> Verb.TRAIN;
            case "dismantle" -> Verb.DISMANTLE;
            default -> throw new IllegalArgumentException("unknown verb: " + word);
        };
    }

    private static String operand(Verb verb, String word, List<String> manifests) {
        if (word.startsWith("-") || verb != Verb.UP || !manifests.isEmpty()) {
            throw new IllegalArgumentException("unexpected argument: " + word);
        }
        return directory(word);
    }

    private static String value(String option, Deque<String> left) {
        if (left.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return left.pop();
    }

    private static String directory(String word) {
        if (!Files.isDirectory(Path.of(word))) {
            throw new IllegalArgumentException((Files.exists(Path.of(word))
                            ? "a directory is watched, not a file (`slipway apply -f` takes one): "
                            : "no such directory: ")
                    + word);
        }
        return absolute(word);
    }

    private static String absolute(String word) {
        return Path.of(word).toAbsolutePath().normalize().toString();
    }
}
