package dev.slipway.engine.plan;

import dev.slipway.engine.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// One step of a plan.
///
/// @param words what it is to do, for instance `mount overlay on /`
/// @param into takes the result
/// @param tolerated errors that are none; at most two
/// @param skipOnSuccess how many of the next steps are left out after success
/// @param skipOnError how many are left out after a tolerated error
public record Step(
        String words,
        Call call,
        List<Argument> arguments,
        Optional<Slot> into,
        List<Errno> tolerated,
        int skipOnSuccess,
        int skipOnError) {
    private static final String TRANSLATION = "translate the ids of ";
    private static final String CONDITION = ", whose file system must support idmapped mounts";

    public Step {
        arguments = List.copyOf(arguments);
        tolerated = List.copyOf(tolerated);
        if (arguments.size() > 6 || tolerated.size() > 2) {
            throw new IllegalArgumentException("step has too much: " + words);
        }
    }

    static Step of(String words, Call call, Argument... arguments) {
        return new Step(words, call, List.of(arguments), Optional.empty(), List.of(), 0, 0);
    }

    Step into(Slot slot) {
        return new Step(words, call, arguments, Optional.of(slot), tolerated, skipOnSuccess, skipOnError);
    }

    Step tolerating(Errno... errors) {
        return new Step(words, call, arguments, into, List.of(errors), skipOnSuccess, skipOnError);
    }

    Step skipping(int onSuccess, int onError) {
        return new Step(words, call, arguments, into, tolerated, onSuccess, onError);
    }

    /// Whether a failure means that the program is missing or cannot be executed.
    public boolean executesProgram() {
        return call == Call.EXECUTE;
    }

    static String translation(String path) {
        return TRANSLATION + path + CONDITION;
    }

    /// The path whose file system has to support idmapped mounts, if this step needs that.
    public Optional<String> translated() {
        return call == Call.MOUNT_SETATTR && words.startsWith(TRANSLATION) && words.endsWith(CONDITION)
                ? Optional.of(words.substring(TRANSLATION.length(), words.length() - CONDITION.length()))
                : Optional.empty();
    }

    /// A line of a listing.
    ///
    /// @param index of this step, from 1
    String describe(int index) {
        List<String> parts = new ArrayList<>();
        into.ifPresent(slot -> parts.add(slot + " ="));
        parts.add(arguments.stream().map(Argument::toString).collect(Collectors.joining(", ", call + "(", ")")));
        if (skipOnSuccess > 0) {
            parts.add("then " + (index + 1 + skipOnSuccess));
        }
        if (!tolerated.isEmpty()) {
            String names = tolerated.stream().map(Enum::name).collect(Collectors.joining(" or "));
            parts.add("or " + names + (skipOnError > 0 ? " then " + (index + 1 + skipOnError) : ""));
        }
        return "%3d  %-44s  %s".formatted(index, words, String.join(" ", parts));
    }
}
