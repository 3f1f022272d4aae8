package dev.slipway.actor.probe;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Answers as a test says; what nobody has spoken of is healthy. By a command's first word.
public final class FakeChecker implements Checker {
    private final Map<String, Finding> answers = new HashMap<>();
    private final Map<String, Runnable> behaviours = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    /// @param command the only word of an exec check
    public void answer(String command, Finding finding) {
        answers.put(command, finding);
    }

    /// Does something while it is asked.
    public void behave(String command, Runnable behaviour) {
        behaviours.put(command, behaviour);
    }

    /// What was asked, in order: `<container> <command>`.
    public List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public Finding ask(Check check, Target target, Duration timeout) {
        String command = check instanceof Check.Exec exec ? exec.command().getFirst() : check.toString();
        behaviours.getOrDefault(command, () -> {}).run();
        asked.add(target.container().name() + " " + command);
        return answers.getOrDefault(command, new Finding.Healthy());
    }

    @Override
    public Finding run(Check hook, Target target, Duration timeout) {
        return ask(hook, target, timeout);
    }
}
