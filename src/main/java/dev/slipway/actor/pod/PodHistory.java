package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What was done about a pod before, as far as later decisions need it. It lives in memory; what must outlive
/// the engine is [#recalled] from the pod.
///
/// @param streaks by container: how often it was restarted since it last ran well
/// @param stops by container: what was asked to stop
/// @param refusals by container: starts that failed
record PodHistory(Map<String, Integer> streaks, Map<String, AskedStop> stops, Map<String, Refusal> refusals) {
    static final PodHistory NONE = new PodHistory(Map.of(), Map.of(), Map.of());

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration GOOD_RUN = Duration.ofMinutes(10);
    private static final int LONGEST_STREAK = 6;
    private static final Pattern STREAK = Pattern.compile("([^=]+)=([0-9]{1,9})");
    private static final Pattern PAUSE = Pattern.compile("back-off ((?:[0-9]+m)?[0-9]+)s restarting.*");

    PodHistory {
        streaks = Map.copyOf(streaks);
        stops = Map.copyOf(stops);
        refusals = Map.copyOf(refusals);
    }

    /// @param attempt that was asked to end
    /// @param deadline when it is killed
    record AskedStop(int attempt, Instant deadline, PodAction.Cause cause) {}

    /// @param image reference that was to be started; another image is tried at once
    /// @param turn whether it is tried although its pause is not over
    record Refusal(String image, int count, Waiting waiting, Instant retryAt, boolean turn) {
        private Refusal(String image, int count, Waiting waiting, Instant retryAt) {
            this(image, count, waiting, retryAt, false);
        }

        /// When it is tried again; empty for never.
        Optional<Instant> next() {
            return waiting.isLasting() ? Optional.empty() : Optional.of(retryAt);
        }

        /// Whether a start that fails once more tells nothing new.
        boolean isSame(Waiting again) {
            return turn && waiting.equals(again);
        }
    }

    /// The pause before the restart that follows so many: none, then 10 s doubled up to 5 min, as the kubelet
    /// does.
    static Duration pause(int streak) {
        if (streak == 0) {
            return Duration.ZERO;
        }
        Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(streak - 1, LONGEST_STREAK));
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    /// How often the container was restarted since it last ran for ten minutes.
    int streak(Track container, Track.Standing.Ended lastRun) {
        return lastRun.lasted().compareTo(GOOD_RUN) >= 0 ? 0 : streaks.getOrDefault(container.name(), 0);
    }

    /// Whether the latest run has been asked to end.
    boolean isAskedToEnd(Track track) {
        return asked(track).isPresent();
    }

    /// Whether the latest run was ended for an illness.
    boolean wasIll(Track track) {
        return asked(track).filter(stop -> stop.cause().isIllness()).isPresent();
    }

    /// Whether the latest run was ended only to begin again.
    boolean isToRunAgain(Track track) {
        return asked(track)
                .filter(stop -> stop.cause() == PodAction.Cause.RESIZE)
                .isPresent();
    }

    private Optional<AskedStop> asked(Track track) {
        int latest = track.attempt().map(Attempt::number).orElse(-1);
        return Optional.ofNullable(stops.get(track.name())).filter(stop -> stop.attempt() == latest);
    }

    /// When a container whose start failed is tried again, if that is not yet; one that cannot be started is not
    /// before something else is to be started. Nobody waits longer than the pause is, also when the clock was set
    /// back meanwhile.
    Optional<Refusal> refusal(WantedContainer container, Instant now) {
        return Optional.ofNullable(refusals.get(container.name()))
                .filter(refusal -> refusal.image().equals(container.image()))
                .filter(refusal -> refusal.waiting().isLasting()
                        || !refusal.turn()
                                && refusal.retryAt().isAfter(now)
                                && !refusal.retryAt().isAfter(now.plus(pause(refusal.count()))));
    }

    /// @param streak restarts in a row, this one counted
    PodHistory started(String container, int streak) {
        return new PodHistory(
                with(streaks, container, streak), without(stops, container), without(refusals, container));
    }

    PodHistory stopping(String container, AskedStop asked) {
        return new PodHistory(streaks, with(stops, container, asked), refusals);
    }

    /// What failed is tried in the next round.
    PodHistory withTurn() {
        Map<String, Refusal> tried = new HashMap<>();
        refusals.forEach((container, each) ->
                tried.put(container, new Refusal(each.image(), each.count(), each.waiting(), each.retryAt(), true)));
        return new PodHistory(streaks, stops, tried);
    }

    /// A start that failed in a turn changes nothing about the pause.
    PodHistory refused(WantedContainer container, Waiting waiting, Instant now) {
        Refusal before = refusals.get(container.name());
        if (before != null
                && before.turn()
                && before.image().equals(container.image())
                && before.retryAt().isAfter(now)) {
            Refusal refusal = new Refusal(before.image(), before.count(), waiting, before.retryAt());
            return new PodHistory(streaks, stops, with(refusals, container.name(), refusal));
        }
        int count = before == null || !before.image().equals(container.image()) ? 1 : before.count() + 1;
        Refusal refusal = new Refusal(container.image(), count, waiting, now.plus(pause(count)));
        return new PodHistory(streaks, stops, with(refusals, container.name(), refusal));
    }

    /// What a pod tells about its past. Where restarts are counted, an annotation does. Elsewhere, and in pods that
    /// were made before there was one, the status does, well enough for the next pause: the one before the last
    /// restart is written in it, as the kubelet's words for a container that waits, or as the time between an end
    /// and the start that followed. A pause that was longer because no engine ran counts for no more than the
    /// restarts that there were.
    static PodHistory recalled(ApiObject pod) {
        Map<String, Integer> streaks = new HashMap<>();
        Optional<String> written = written(pod);
        if (areCounted(pod) && written.isPresent()) {
            for (String each : written.get().split(",")) {
                Matcher streak = STREAK.matcher(each);
                if (streak.matches()) {
                    streaks.put(streak.group(1), Integer.parseInt(streak.group(2)));
                }
            }
        } else {
            Recorded.of(pod).forEach((container, record) -> streaks.put(container, streak(record)));
        }
        return new PodHistory(streaks, Map.of(), Map.of());
    }

    /// What that annotation has to say, unless it does. A container that has no streak is in it, too: one that was
    /// stopped and started looks as if it had one.
    Optional<String> unwritten(ApiObject pod) {
        String text = streaks.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(streak -> streak.getKey() + "=" + streak.getValue())
                .collect(Collectors.joining(","));
        return Optional.of(text)
                .filter(_ -> areCounted(pod) && !text.equals(written(pod).orElse("")));
    }

    private static boolean areCounted(ApiObject pod) {
        return pod.annotations().containsKey(PodAnnotations.MAX_RESTARTS);
    }

    private static Optional<String> written(ApiObject pod) {
        return Optional.ofNullable(pod.annotations().get(PodAnnotations.RESTART_STREAKS));
    }

    private static int streak(Recorded record) {
        if (record.restartCount() == 0 && record.lastTerminated().isEmpty()) {
            return 0;
        }
        JsonNode state = record.status().path("state");
        Matcher words = PAUSE.matcher(state.path("waiting").path("message").asText());
        if (words.matches()) {
            return restartsBefore(Duration.parse("PT" + words.group(1) + "S"));
        }
        JsonNode begin =
                state.path(record.isRunning() ? "running" : "terminated").path("startedAt");
        Optional<Instant> started = Recorded.time(begin);
        Optional<Instant> ended = record.lastTerminated().flatMap(end -> Recorded.time(end.path("finishedAt")));
        if (started.isEmpty() || ended.isEmpty()) {
            return 0;
        }
        int restarts = restartsBefore(Duration.between(ended.get(), started.get())) + 1;
        return Math.min(restarts, record.restartCount());
    }

    /// After how many restarts the pause is that long.
    private static int restartsBefore(Duration pause) {
        int streak = 0;
        while (streak < LONGEST_STREAK && pause.compareTo(pause(streak + 1)) >= 0) {
            streak++;
        }
        return streak;
    }

    private static <T> Map<String, T> with(Map<String, T> map, String key, T value) {
        Map<String, T> copy = new HashMap<>(map);
        copy.put(key, value);
        return copy;
    }

    private static <T> Map<String, T> without(Map<String, T> map, String key) {
        Map<String, T> copy = new HashMap<>(map);
        copy.remove(key);
        return copy;
    }
}
