package dev.slipway.door.cli;

import dev.slipway.desired.meta.NearestName;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Says in two lines what was wrong with the words that were typed, and what may have been meant.
final class UsageErrors implements IParameterExceptionHandler {
    private static final int WRONG_USAGE = 2;

    /// What people know from other tools.
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("ps", "slipway get containers"),
            Map.entry("ls", "slipway get containers"),
            Map.entry("list", "slipway get containers"),
            Map.entry("images", "slipway get images"),
            Map.entry("volumes", "slipway get volumes"),
            Map.entry("run", "slipway apply -f FILE"),
            Map.entry("create", "slipway apply -f FILE"),
            Map.entry("pull", "slipway apply -f FILE, with an Image in it"),
            Map.entry("build", "slipway apply -f FILE, with an Image in it"),
            Map.entry("rm", "slipway delete container NAME"),
            Map.entry("rmi", "slipway delete image NAME"),
            Map.entry("kill", "slipway stop NAME"),
            Map.entry("down", "slipway delete -f DIR"),
            Map.entry("unpause", "slipway resume NAME"),
            Map.entry("inspect", "slipway get KIND NAME -o yaml"),
            Map.entry("events", "slipway get events"),
            Map.entry("daemon", "slipway serve"));

    @Override
    public int handleParseException(ParameterException failure, String[] words) {
        CommandLine command = failure.getCommandLine();
        return report(message(failure, command), command);
    }

    /// @return the exit code
    static int report(String message, CommandLine command) {
        PrintWriter err = command.getErr();
        err.println("slipway: " + message);
        err.println("Try:     " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return WRONG_USAGE;
    }

    private static String message(ParameterException failure, CommandLine command) {
        boolean isVerb = command.getParent() == null
                && failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption();
        if (isVerb) {
            String word = ((UnmatchedArgumentException) failure).getUnmatched().getFirst();
            return "unknown verb \"%s\"%s"
                    .formatted(
                            word,
                            meant(word, command.getSubcommands().keySet())
                                    .map("; did you mean: %s"::formatted)
                                    .orElse(""));
        }
        return String.valueOf(failure.getMessage()).replace(System.lineSeparator(), " ");
    }

    /// What somebody who typed `word` wants, if that can be guessed.
    static Optional<String> meant(String word, Set<String> verbs) {
        String known = ELSEWHERE.get(word);
        return known != null
                ? Optional.of(known)
                : NearestName.misspelled(word, verbs).map("slipway "::concat);
    }
}
