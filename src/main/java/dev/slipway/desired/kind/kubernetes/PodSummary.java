package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import java.time.Instant;
import java.util.List;

/// A pod in one line, found as Kubernetes' own printer finds it; one whose processes are frozen is `Paused`.
///
/// @param readyOfAll `1/2`
/// @param word `Running`, `Init:0/1`, `CrashLoopBackOff`, ...
/// @param restarts `3 (5m ago)`
/// @spec https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go printPod
record PodSummary(String readyOfAll, String word, String restarts) {
    static PodSummary of(ApiObject pod, Instant now) {
        Initialization init = Initialization.of(pod);
        boolean begun = init.word().isEmpty() || Conditions.isTrue(pod.status(), "Initialized");
        Restarts restarts = init.restarts();
        JsonNode statuses = pod.status().path("containerStatuses");
        int ready = init.readySidecars();
        String word = phase(pod);
        if (begun) {
            restarts = init.restartsOfSidecars();
            for (JsonNode status : statuses) {
                restarts = restarts.and(status);
            }
            word = wordOfContainers(pod, word);
        }
        for (JsonNode status : begun ? statuses : List.<JsonNode>of()) {
            ready += isRunning(status) ? 1 : 0;
        }
        String spoken = init.word().isEmpty() ? word : init.word();
        int all = pod.spec().path("containers").size() + init.sidecars();
        return new PodSummary(ready + "/" + all, deletionOr(pod, spoken), restarts.text(now));
    }

    private static String phase(ApiObject pod) {
        String phase = pod.status().path("phase").asText();
        for (JsonNode condition : pod.status().path("conditions")) {
            if (condition.path("type").asText().equals("PodScheduled")
                    && condition.path("reason").asText().equals("SchedulingGated")) {
                phase = "SchedulingGated";
            }
        }
        String reason = pod.status().path("reason").asText();
        return reason.isEmpty() ? phase : reason;
    }

    private static String wordOfContainers(ApiObject pod, String phase) {
        String word = phase;
        boolean runs = false;
        JsonNode statuses = pod.status().path("containerStatuses");
        for (int i = statuses.size() - 1; i >= 0; i--) {
            JsonNode state = statuses.path(i).path("state");
            String waiting = state.path("waiting").path("reason").asText();
            if (!waiting.isEmpty()) {
                word = waiting;
            } else if (state.path("terminated").isObject()) {
                word = terminated(state.path("terminated"));
            } else {
                runs |= isRunning(statuses.path(i));
            }
        }
        if (word.equals("Completed") && runs) {
            return Conditions.isTrue(pod.status(), "Ready") ? "Running" : "NotReady";
        }
        return word.equals("Running") && Conditions.isTrue(pod.status(), "Paused") ? "Paused" : word;
    }

    private static String deletionOr(ApiObject pod, String word) {
        boolean isEnded = List.of("Succeeded", "Failed")
                .contains(pod.status().path("phase").asText());
        return pod.deletionTimestamp().isPresent() && !isEnded ? "Terminating" : word;
    }

    private static boolean isRunning(JsonNode status) {
        return status.path("ready").asBoolean()
                && status.path("state").path("running").isObject();
    }

    private static String terminated(JsonNode terminated) {
        String reason = terminated.path("reason").asText();
        if (!reason.isEmpty()) {
            return reason;
        }
        int signal = terminated.path("signal").asInt();
        return signal != 0
                ? "Signal:" + signal
                : "ExitCode:" + terminated.path("exitCode").asInt();
    }

    /// How far init containers are.
    ///
    /// @param word empty when they are done
    private record Initialization(
            String word, int sidecars, int readySidecars, Restarts restarts, Restarts restartsOfSidecars) {
        static Initialization of(ApiObject pod) {
            JsonNode declared = pod.spec().path("initContainers");
            JsonNode statuses = pod.status().path("initContainerStatuses");
            String word = "";
            int ready = 0;
            Restarts restarts = Restarts.NONE;
            Restarts ofSidecars = Restarts.NONE;
            for (int i = 0; i < statuses.size(); i++) {
                JsonNode status = statuses.path(i);
                boolean isSidecar = isSidecar(declared, status.path("name").asText());
                restarts = restarts.and(status);
                ofSidecars = isSidecar ? ofSidecars.and(status) : ofSidecars;
                boolean isDone = isSidecar
                        ? status.path("started").asBoolean()
                        : status.at("/state/terminated").isObject()
                                && status.at("/state/terminated/exitCode").asInt() == 0;
                ready += isSidecar && isDone && status.path("ready").asBoolean() ? 1 : 0;
                if (!isDone) {
                    word = "Init:" + state(status.path("state"), i, declared.size());
                    break;
                }
            }
            int sidecars = 0;
            for (JsonNode container : declared) {
                sidecars += container.path("restartPolicy").asText().equals("Always") ? 1 : 0;
            }
            return new Initialization(word, sidecars, ready, restarts, ofSidecars);
        }

        private static boolean isSidecar(JsonNode declared, String name) {
            for (JsonNode container : declared) {
                if (container.path("name").asText().equals(name)) {
                    return container.path("restartPolicy").asText().equals("Always");
                }
            }
            return false;
        }

        private static String state(JsonNode state, int index, int count) {
            if (state.path("terminated").isObject()) {
                return terminated(state.path("terminated"));
            }
            String reason = state.path("waiting").path("reason").asText();
            return reason.isEmpty() || reason.equals("PodInitializing") ? index + "/" + count : reason;
        }
    }

    /// @param last when a run ended last, or a missing node
    private record Restarts(int count, JsonNode last) {
        static final Restarts NONE = new Restarts(0, MissingNode.getInstance());

        Restarts and(JsonNode status) {
            JsonNode ended = status.at("/lastState/terminated/finishedAt");
            boolean isLater = ended.asText().compareTo(last.asText()) > 0;
            return new Restarts(count + status.path("restartCount").asInt(), isLater ? ended : last);
        }

        String text(Instant now) {
            return count == 0 || last.asText().isEmpty()
                    ? Integer.toString(count)
                    : "%d (%s ago)".formatted(count, Column.age(last, now));
        }
    }
}
