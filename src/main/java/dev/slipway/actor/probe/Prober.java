package dev.slipway.actor.probe;

import dev.slipway.actor.probe.Probe.Kind;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.id.PodUid;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Asks every container that has probes, each in its rhythm, and says what is known of their health.
///
/// Life: [#listen] once; then the rounds of each pod tell by [#watch] what runs, and read [#health]. Whenever that
/// changes, the listener hears the pod's uid.
///
/// ```
/// watch --> timer --> check, on a thread of its own --> tally --> health changed? --> listener --> round --> watch
///             ^------------- period -------------'
/// ```
///
/// Thread-safe: pods and their patients are concurrent maps, each patient guards itself. Calls for one pod come from
/// its one worker.
public final class Prober implements AutoCloseable {
    /// A hook may take as long as it likes, but not for ever.
    private static final Duration LONGEST_HOOK = Duration.ofHours(1);

    private final Checker checker;
    private final EventRecorder recorder;
    private final Schedule schedule;
    private final RandomGenerator random;
    private final Map<PodUid, Map<String, Patient>> pods = new ConcurrentHashMap<>();
    private volatile Consumer<PodUid> listener = pod -> {};

    /// @param random spreads the first checks of what an earlier engine has started
    public Prober(Checker checker, EventRecorder recorder, Schedule schedule, RandomGenerator random) {
        this.checker = checker;
        this.recorder = recorder;
        this.schedule = schedule;
        this.random = random;
    }

    /// @param changed hears the uid of each pod whose health has changed; must return at once
    public void listen(Consumer<PodUid> changed) {
        listener = changed;
    }

    /// Tells what of a pod runs now. Runs that are not among them have ended, and are forgotten.
    public void watch(PodUid pod, List<Subject> running) {
        if (running.isEmpty() && !pods.containsKey(pod)) {
            return;
        }
        Map<String, Patient> patients = pods.computeIfAbsent(pod, uid -> new ConcurrentHashMap<>());
        patients.values().removeIf(patient -> {
            boolean isGone = running.stream().noneMatch(patient::isOf);
            if (isGone) {
                patient.end();
            }
            return isGone;
        });
        for (Subject subject : running) {
            Patient known = patients.get(subject.container().name());
            if (known == null) {
                Patient patient = new Patient(subject);
                patients.put(subject.container().name(), patient);
                proceed(patient, false);
            } else {
                proceed(known, known.look(subject));
            }
        }
    }

    /// What is known of the runs of a pod, by their ids. Of a run without probes and hooks nothing is.
    public Map<String, Health> health(PodUid pod) {
        Map<String, Health> health = new HashMap<>();
        pods.getOrDefault(pod, Map.of())
                .values()
                .forEach(patient -> health.put(patient.subject().id(), patient.health()));
        return health;
    }

    /// A container is about to be frozen, and will not answer.
    public void suspend(PodUid pod, String container) {
        Patient patient = pods.getOrDefault(pod, Map.of()).get(container);
        if (patient != null) {
            patient.suspend();
        }
    }

    /// Nothing of the pod is left.
    public void forget(PodUid pod) {
        watch(pod, List.of());
        pods.remove(pod);
    }

    @Override
    public void close() {
        List.copyOf(pods.keySet()).forEach(this::forget);
    }

    /// Begins what is due at this stage of a run.
    private void proceed(Patient patient, boolean resumes) {
        patient.beginHook().ifPresent(hook -> schedule.workers().execute(() -> greet(patient, hook)));
        for (Probe probe : patient.subject().probes()) {
            if (patient.wants(probe.kind()) && !patient.isArmed(probe.kind())) {
                arm(patient, probe.kind(), resumes ? probe.period() : untilFirst(patient.subject(), probe));
            }
        }
    }

    private Duration untilFirst(Subject subject, Probe probe) {
        Instant due = subject.startedAt().plus(probe.initialDelay());
        Duration left = Duration.between(schedule.clock().instant(), due);
        if (!left.isNegative()) {
            // Somebody may have set the clock back since it began.
            return left.compareTo(probe.initialDelay()) > 0 ? probe.initialDelay() : left;
        }
        return subject.earlier().isEmpty()
                ? Duration.ZERO
                : Duration.ofMillis(random.nextLong(probe.period().toMillis()));
    }

    private void arm(Patient patient, Kind kind, Duration after) {
        patient.arm(kind, schedule.delays(), after, () -> schedule.workers().execute(() -> check(patient, kind)));
    }

    private Duration age(Subject subject) {
        return Duration.between(subject.startedAt(), schedule.clock().instant());
    }

    private void check(Patient patient, Kind kind) {
        Optional<Probe> due = patient.beginCheck(kind);
        if (due.isEmpty()) {
            return;
        }
        Probe probe = due.get();
        Health before = patient.health();
        Subject subject = patient.subject();
        arm(patient, kind, probe.period(age(subject), before.ready()));
        boolean isLate = false;
        try {
            Finding finding = checker.ask(probe.check(), subject.target(), probe.timeout());
            isLate = patient.endCheck(probe, isGood(finding), quotation(probe, finding));
            if (!patient.hasEnded() && !patient.subject().isPaused()) {
                tell(subject, probe, finding);
            }
        } catch (InterruptedException e) {
            // The engine ends.
            patient.end();
            Thread.currentThread().interrupt();
        }
        settle(patient, before);
        if (isLate) {
            arm(patient, kind, Duration.ZERO);
        }
    }

    private static Optional<Boolean> isGood(Finding finding) {
        return switch (finding) {
            case Finding.Healthy healthy -> Optional.of(true);
            case Finding.Doubtful doubtful -> Optional.of(true);
            case Finding.Unhealthy unhealthy -> Optional.of(false);
            case Finding.Unknown unknown -> Optional.empty();
        };
    }

    private void tell(Subject subject, Probe probe, Finding finding) {
        switch (finding) {
            case Finding.Healthy healthy -> {}
            case Finding.Doubtful doubtful ->
                recorder.warning(
                        subject.about(),
                        Reason.PROBE_WARNING,
                        "%s probe warning: %s".formatted(probe.kind(), doubtful.message()));
            case Finding.Unhealthy unhealthy ->
                recorder.warning(subject.about(), Reason.UNHEALTHY, complaint(probe, finding));
            case Finding.Unknown unknown -> {
                if (!unknown.message().isEmpty()) {
                    recorder.warning(subject.about(), Reason.UNHEALTHY, complaint(probe, finding));
                }
            }
        }
    }

    /// What is worth being quoted: a command may fail without a word.
    private static String quotation(Probe probe, Finding finding) {
        boolean isSilent = finding instanceof Finding.Unhealthy unhealthy
                && unhealthy.message().isBlank();
        return isSilent ? "" : complaint(probe, finding);
    }

    /// What is wrong, in the kubelet's words; empty if nothing is, or nobody knows anything.
    private static String complaint(Probe probe, Finding finding) {
        return switch (finding) {
            case Finding.Healthy healthy -> "";
            case Finding.Doubtful doubtful -> "";
            case Finding.Unhealthy unhealthy -> "%s probe failed: %s".formatted(probe.kind(), unhealthy.message());
            case Finding.Unknown unknown ->
                unknown.message().isEmpty()
                        ? ""
                        : "%s probe errored and resulted in unknown state: %s"
                                .formatted(probe.kind(), unknown.message());
        };
    }

    private void greet(Patient patient, Check hook) {
        Health before = patient.health();
        Subject subject = patient.subject();
        try {
            Finding finding = checker.run(hook, subject.target(), LONGEST_HOOK);
            String failure = failure(finding);
            patient.endHook(failure.isEmpty() ? "" : words(subject, hook, failure));
            if (!failure.isEmpty() && !patient.hasEnded()) {
                // Without its output, in which there may be secrets.
                recorder.warning(subject.about(), Reason.FAILED_POST_START_HOOK, "PostStartHook failed");
            }
        } catch (InterruptedException e) {
            // The engine ends.
            patient.end();
            Thread.currentThread().interrupt();
        }
        settle(patient, before);
    }

    private void settle(Patient patient, Health before) {
        if (!patient.hasEnded() && !patient.health().equals(before)) {
            proceed(patient, false);
            listener.accept(patient.subject().container().pod());
        }
    }

    /// Why a hook has failed; empty when it has not.
    static String failure(Finding finding) {
        return switch (finding) {
            case Finding.Healthy healthy -> "";
            case Finding.Doubtful doubtful -> "";
            case Finding.Unhealthy unhealthy -> unhealthy.message();
            case Finding.Unknown unknown ->
                unknown.message().isEmpty() ? "container is not running" : unknown.message();
        };
    }

    private static String words(Subject subject, Check hook, String failure) {
        Involved pod = subject.about();
        String what =
                switch (hook) {
                    case Check.Exec exec -> "Exec lifecycle hook ([" + String.join(" ", exec.command()) + "])";
                    case Check.HttpGet get -> "HTTP lifecycle hook (" + get.path() + ")";
                    case Check.Sleep sleep -> "Sleep lifecycle hook (" + sleep.seconds() + ")";
                    case Check.TcpSocket socket -> "TCP lifecycle hook";
                    case Check.Grpc call -> "gRPC lifecycle hook";
                    case Check.Impossible impossible -> "HTTP lifecycle hook";
                };
        return "%s for Container \"%s\" in Pod \"%s_%s(%s)\" failed - error: %s"
                .formatted(what, subject.container().name(), pod.name(), pod.namespace(), pod.uid(), failure);
    }
}
