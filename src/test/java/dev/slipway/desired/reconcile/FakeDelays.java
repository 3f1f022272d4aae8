package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Delays that pass when a test says so. Single-threaded.
public final class FakeDelays implements Delays {
    private final List<Task> tasks = new ArrayList<>();
    private Duration now = Duration.ZERO;

    private record Task(Duration at, Runnable run) {}

    @Override
    public Cancellation after(Duration delay, Runnable run) {
        Task task = new Task(now.plus(delay), run);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    /// Lets time pass and runs what became due, in order.
    public void advance(Duration by) {
        now = now.plus(by);
        List<Task> due = tasks.stream()
                .filter(task -> task.at().compareTo(now) <= 0)
                .sorted(Comparator.comparing(Task::at))
                .toList();
        tasks.removeAll(due);
        due.forEach(task -> task.run().run());
    }

    public int waiting() {
        return tasks.size();
    }
}
