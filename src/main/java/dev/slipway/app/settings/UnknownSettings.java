package dev.slipway.app.settings;

import dev.slipway.desired.meta.NearestName;
import io.smallrye.config.EnvConfigSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/// What is configured like a setting of the engine, and is none.
///
/// @param misspelled each with the setting that must have been meant: an engine that went on without it would run
///     elsewhere, or otherwise, than it was told
/// @param foreign what may belong to somebody else, such as the variables of a Service that is called like the engine
public record UnknownSettings(Map<String, String> misspelled, Set<String> foreign) {
    private static final String PROPERTY = "slipway.";
    private static final String VARIABLE = "SLIPWAY_";
    /// Those of the scripts that start the engine.
    private static final Set<String> OF_SCRIPTS = Set.of("SLIPWAY_JAVA_HOME", "SLIPWAY_JVM_ARGS");

    public UnknownSettings {
        misspelled = Map.copyOf(misspelled);
        foreign = Set.copyOf(foreign);
    }

    public static UnknownSettings of(Config config) {
        Set<String> keys = EngineSettings.keys();
        Set<String> variables = Stream.concat(keys.stream().map(Configured::variable), OF_SCRIPTS.stream())
                .collect(Collectors.toSet());
        Map<String, String> misspelled = new TreeMap<>();
        Set<String> foreign = new TreeSet<>();
        for (ConfigSource source : config.getConfigSources()) {
            boolean isEnvironment = source.getName().startsWith(EnvConfigSource.NAME);
            String prefix = isEnvironment ? VARIABLE : PROPERTY;
            Set<String> known = isEnvironment ? variables : keys;
            for (String name : source.getPropertyNames()) {
                boolean isKnown = known.contains(isEnvironment ? name.toUpperCase(Locale.ROOT) : name);
                if (name.regionMatches(true, 0, prefix, 0, prefix.length()) && !isKnown) {
                    meant(name, prefix, known)
                            .ifPresentOrElse(setting -> misspelled.put(name, setting), () -> foreign.add(name));
                }
            }
        }
        return new UnknownSettings(misspelled, foreign);
    }

    private static Optional<String> meant(String name, String prefix, Set<String> known) {
        Set<String> ends = known.stream()
                .map(setting -> setting.substring(prefix.length()))
                .collect(Collectors.toSet());
        return NearestName.misspelled(name.substring(prefix.length()), ends).map(prefix::concat);
    }

    /// @throws IllegalArgumentException when one is misspelled
    public void refuse() {
        if (!misspelled.isEmpty()) {
            throw new IllegalArgumentException(misspelled.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> "%s is no setting; did you mean %s?".formatted(entry.getKey(), entry.getValue()))
                    .collect(Collectors.joining(" ")));
        }
    }

    /// What to say of the foreign ones, in one line.
    public Optional<String> warning() {
        return foreign.isEmpty()
                ? Optional.empty()
                : Optional.of("warning: no settings of this engine, and without effect: "
                        + foreign.stream().sorted().collect(Collectors.joining(", ")));
    }
}
