package dev.slipway.engine.plan;

import dev.slipway.engine.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Steps being put together. Belongs to one thread.
final class Tape {
    private final List<Step> steps = new ArrayList<>();
    private final Slots slots;

    Tape() {
        this(new Slots());
    }

    private Tape(Slots slots) {
        this.slots = slots;
    }

    /// A slot of its own.
    Slot slot(String name) {
        return slots.next(name);
    }

    void add(Step step) {
        steps.add(step);
    }

    void add(String words, Call call, Argument... arguments) {
        add(Step.of(words, call, arguments));
    }

    /// Adds a step and returns where its result is.
    Slot take(String name, String words, Call call, Argument... arguments) {
        Slot slot = slot(name);
        add(Step.of(words, call, arguments).into(slot));
        return slot;
    }

    /// Adds `step`, which tolerates an error, and what follows only after its success.
    void addThen(Step step, Consumer<Tape> then) {
        List<Step> block = block(then);
        add(step.skipping(0, block.size()));
        steps.addAll(block);
    }

    /// Adds `step`, which tolerates an error, and what follows only after that error.
    void addOrElse(Step step, Consumer<Tape> otherwise) {
        List<Step> block = block(otherwise);
        add(step.skipping(block.size(), 0));
        steps.addAll(block);
    }

    /// Fails with `error` unless the masked number in the scratch space is `value`.
    void expect(String words, int offset, long mask, long value, Errno error) {
        add(
                words,
                Call.EXPECT,
                new Argument.Scratch(offset),
                new Argument.Value(mask, "0x" + Long.toHexString(mask)),
                new Argument.Value(value, "0x" + Long.toHexString(value)),
                new Argument.Value(error.number(), error.name()));
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }

    private List<Step> block(Consumer<Tape> content) {
        Tape tape = new Tape(slots);
        content.accept(tape);
        return tape.steps;
    }

    private static final class Slots {
        private int used = Slot.FIRST;

        Slot next(String name) {
            if (used == Slot.LIMIT) {
                throw new IllegalArgumentException("container has more mounts than a plan can hold");
            }
            return new Slot(used++, name);
        }
    }
}
