package dev.slipway.actor.probe;

import dev.slipway.actor.probe.Health.Cause;
import dev.slipway.actor.probe.Health.Illness;
import dev.slipway.actor.probe.Probe.Kind;
import dev.slipway.actor.probe.Tally.Result;
import dev.slipway.desired.reconcile.Delays;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is known of one run, and which of its probes waits for what. Decides nothing about time: it says what is to be
/// armed, and [Prober] arms it. Thread-safe: every method holds its lock.
///
/// ```
/// hook --> startup probe, until it succeeds --> readiness and liveness probe, until the run ends
///             `--> illness: neither it nor the liveness probe asks again     `--> illness
/// ```
final class Patient {
    private Subject subject;
    private Hook hook;
    private String hookFailure = "";
    private final Map<Kind, Course> courses = new EnumMap<>(Kind.class);
    private boolean hasEnded;

    private enum Hook {
        DUE,
        RUNS,
        DONE,
        FAILED
    }

    /// One probe of this run.
    private static final class Course {
        private Tally tally;
        private boolean isAsking;
        /// The next check was due while the last one went on.
        private boolean isLate;
        /// It was frozen while the check went on: the answer says nothing.
        private boolean isVoid;
        private Delays.@Nullable Cancellation next;
        /// What was wrong with the latest answer; empty when it was good.
        private String complaint = "";

        Course(Tally tally) {
            this.tally = tally;
        }
    }

    Patient(Subject subject) {
        this.subject = subject;
        this.hook = subject.postStart().isPresent() && subject.earlier().isEmpty() ? Hook.DUE : Hook.DONE;
        for (Probe probe : subject.probes()) {
            courses.put(probe.kind(), new Course(tally(probe.kind(), subject.earlier())));
        }
    }

    private static Tally tally(Kind kind, Optional<Subject.Earlier> earlier) {
        boolean isGood = earlier.filter(known -> kind == Kind.READINESS ? known.ready() : known.started())
                .isPresent();
        return isGood ? Tally.of(Result.SUCCESS) : Tally.initial(kind);
    }

    synchronized Subject subject() {
        return subject;
    }

    /// Whether it is this very run, asked by the same probes: those of an image come and go while it runs.
    synchronized boolean isOf(Subject seen) {
        return seen.id().equals(subject.id()) && kinds(seen).equals(kinds(subject));
    }

    private static Set<Kind> kinds(Subject subject) {
        return subject.probes().stream().map(Probe::kind).collect(Collectors.toSet());
    }

    /// What the round of a pod sees now.
    ///
    /// @return whether it goes on after a pause
    synchronized boolean look(Subject seen) {
        boolean resumes = subject.isPaused() && !seen.isPaused();
        subject = seen;
        return resumes;
    }

    /// It is about to be frozen: what is asked now counts no more.
    synchronized void suspend() {
        subject = new Subject(
                subject.container(),
                subject.id(),
                subject.startedAt(),
                subject.about(),
                subject.probes(),
                subject.postStart(),
                subject.address(),
                true,
                subject.isLeaving(),
                subject.earlier());
        for (Course course : courses.values()) {
            course.isVoid = course.isAsking;
            disarm(course);
        }
    }

    synchronized boolean hasEnded() {
        return hasEnded;
    }

    synchronized void end() {
        hasEnded = true;
        courses.values().forEach(Patient::disarm);
    }

    /// @return the hook to run, once
    synchronized Optional<Check> beginHook() {
        if (hook != Hook.DUE || subject.isPaused()) {
            return Optional.empty();
        }
        hook = Hook.RUNS;
        return subject.postStart();
    }

    synchronized void endHook(String failure) {
        hook = failure.isEmpty() ? Hook.DONE : Hook.FAILED;
        hookFailure = failure;
    }

    synchronized Health health() {
        boolean isGreeted = hook == Hook.DONE;
        boolean started = isGreeted && holds(Kind.STARTUP);
        boolean ready = started && holds(Kind.READINESS);
        String complaint = ready ? "" : complaint(started ? Kind.READINESS : Kind.STARTUP);
        return new Health(isGreeted, started, ready, illness(), complaint);
    }

    private String complaint(Kind kind) {
        Course course = courses.get(kind);
        return course == null ? "" : course.complaint;
    }

    private boolean holds(Kind kind) {
        Course course = courses.get(kind);
        return course == null || course.tally.result() == Result.SUCCESS;
    }

    private Optional<Illness> illness() {
        if (hook == Hook.FAILED) {
            return Optional.of(new Illness(Cause.POST_START_HOOK, hookFailure, Optional.empty()));
        }
        return illness(Kind.LIVENESS, Cause.LIVENESS_PROBE).or(() -> illness(Kind.STARTUP, Cause.STARTUP_PROBE));
    }

    private Optional<Illness> illness(Kind kind, Cause cause) {
        Course course = courses.get(kind);
        return course == null || course.tally.result() != Result.FAILURE
                ? Optional.empty()
                : subject.probe(kind).map(probe -> new Illness(cause, "", probe.grace()));
    }

    /// Whether this probe asks at this stage of the run.
    synchronized boolean wants(Kind kind) {
        Course course = courses.get(kind);
        if (course == null || hasEnded || subject.isPaused() || hook != Hook.DONE) {
            return false;
        }
        boolean hasStarted = holds(Kind.STARTUP);
        return switch (kind) {
            case STARTUP -> !hasStarted && !subject.isLeaving() && course.tally.result() != Result.FAILURE;
            case READINESS -> hasStarted;
            case LIVENESS -> hasStarted && !subject.isLeaving() && course.tally.result() != Result.FAILURE;
        };
    }

    synchronized boolean isArmed(Kind kind) {
        Course course = courses.get(kind);
        return course != null && (course.next != null || course.isAsking);
    }

    synchronized void arm(Kind kind, Delays delays, Duration after, Runnable task) {
        Course course = courses.get(kind);
        if (course != null && wants(kind)) {
            disarm(course);
            course.next = delays.after(after, task);
        }
    }

    /// The time for a check has come.
    ///
    /// @return what to ask; empty when nothing is to be asked now
    synchronized Optional<Probe> beginCheck(Kind kind) {
        Course course = courses.get(kind);
        if (course == null) {
            return Optional.empty();
        }
        course.next = null;
        if (course.isAsking) {
            course.isLate = true;
            return Optional.empty();
        }
        course.isAsking = wants(kind);
        return course.isAsking ? subject.probe(kind) : Optional.empty();
    }

    /// @param isGood empty when nobody knows
    /// @param complaint what is wrong
    /// @return whether the next check is due already
    synchronized boolean endCheck(Probe probe, Optional<Boolean> isGood, String complaint) {
        Course course = courses.get(probe.kind());
        if (course == null) {
            return false;
        }
        if (!course.isVoid && isGood.isPresent() && wants(probe.kind())) {
            course.tally = course.tally.next(isGood.get(), probe);
        }
        if (!course.isVoid && (isGood.isPresent() || !complaint.isEmpty())) {
            note(course, complaint);
        }
        boolean isLate = course.isLate;
        course.isAsking = false;
        course.isLate = false;
        course.isVoid = false;
        return isLate;
    }

    /// Other numbers in the same words, such as the time, are no news.
    private static void note(Course course, String complaint) {
        if (!complaint.replaceAll("\\d", "").equals(course.complaint.replaceAll("\\d", ""))) {
            course.complaint = complaint;
        }
    }

    private static void disarm(Course course) {
        if (course.next != null) {
            course.next.cancel();
            course.next = null;
        }
    }
}
