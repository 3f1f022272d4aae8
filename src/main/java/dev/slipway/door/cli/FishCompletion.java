package dev.slipway.door.cli;

import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The completion script for fish. Pure.
///
/// @spec https://fishshell.com/docs/current/completions.html fish: Writing your own completions
final class FishCompletion {
    private FishCompletion() {}

    static String script(CommandSpec root) {
        StringBuilder script = new StringBuilder("complete -c %s -f\n".formatted(root.name()));
        root.options().forEach(option -> script.append(option("-n __fish_use_subcommand", root, option)));
        root.subcommands().forEach((verb, command) -> {
            CommandSpec spec = command.getCommandSpec();
            script.append("complete -c %s -n __fish_use_subcommand -a %s -d %s\n"
                    .formatted(
                            root.name(), verb, quoted(text(spec.usageMessage().description()))));
            String here = "-n '__fish_seen_subcommand_from %s'".formatted(verb);
            spec.options().forEach(option -> script.append(option(here, root, option)));
            for (PositionalParamSpec parameter : spec.positionalParameters()) {
                String words = candidates(parameter.completionCandidates());
                if (!words.isEmpty() || namesFiles(parameter.paramLabel())) {
                    script.append("complete -c %s %s %s\n"
                            .formatted(root.name(), here, words.isEmpty() ? "-F" : "-a " + quoted(words)));
                }
            }
        });
        return script.toString();
    }

    private static String option(String where, CommandSpec root, OptionSpec option) {
        StringBuilder line = new StringBuilder("complete -c %s %s".formatted(root.name(), where));
        for (String name : option.names()) {
            line.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        if (option.arity().max() > 0) {
            String words = candidates(option.completionCandidates());
            line.append(namesFiles(option.paramLabel()) ? " -r -F" : " -x");
            line.append(words.isEmpty() ? "" : " -a " + quoted(words));
        }
        return line.append(" -d ")
                .append(quoted(text(option.description())))
                .append('\n')
                .toString();
    }

    private static boolean namesFiles(String label) {
        return label.contains("FILE") || label.contains("DIR");
    }

    private static String candidates(@Nullable Iterable<String> words) {
        return words == null
                ? ""
                : StreamSupport.stream(words.spliterator(), false).collect(Collectors.joining(" "));
    }

    private static String text(String[] description) {
        return description.length == 0 ? "" : description[0].replaceAll("\\s*\\(default: [^)]*\\)", "");
    }

    /// In single quotes, where fish knows two escapes.
    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
