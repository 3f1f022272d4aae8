package dev.slipway.engine.plan;

import dev.slipway.engine.launch.Stdio;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Everything that a shim does to start one process, in order, and how it holds the process' streams afterwards.
///
/// @param steps numbered from 1 in words and records
/// @param guest one more process in a container: it has no log and no record, and ends with its client
public record LaunchPlan(List<Step> steps, Stdio stdio, boolean guest) {
    public LaunchPlan {
        steps = List.copyOf(steps);
    }

    /// The step that a shim names.
    ///
    /// @param number from 1; 0 when the shim failed before the first step
    public Optional<Step> step(int number) {
        return number >= 1 && number <= steps.size() ? Optional.of(steps.get(number - 1)) : Optional.empty();
    }

    /// A listing for people: number, words, call. Values of the environment are left out.
    @Override
    public String toString() {
        return IntStream.rangeClosed(1, steps.size())
                .mapToObj(number -> steps.get(number - 1).describe(number) + "\n")
                .collect(Collectors.joining());
    }
}
