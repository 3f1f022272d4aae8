package dev.slipway.door.health;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Answers `/readyz` and its like in the words of Kubernetes' API server: `ok`, and check by check for whoever asks for
/// it (`?verbose`) and when one has failed.
///
/// ```
/// [+]ping ok
/// [-]object-store failed: write object store objects: database or disk is full
/// readyz check failed
/// ```
///
/// Kubernetes withholds the reason, because everybody may ask there.
///
/// @param isGood whether every check has passed
/// @spec https://kubernetes.io/docs/reference/using-api/health-checks/ Kubernetes: API health endpoints
public record HealthReport(boolean isGood, String text) {
    private static final HealthCheck PING = new HealthCheck("ping", () -> "");

    /// @param name `livez`, `readyz` or `healthz`
    /// @param excluded names of checks that are left out
    public static HealthReport of(String name, List<HealthCheck> checks, boolean isVerbose, List<String> excluded)
            throws InterruptedException {
        List<String> left = new ArrayList<>(excluded);
        StringBuilder lines = new StringBuilder();
        boolean isGood = true;
        for (HealthCheck check : with(checks)) {
            if (left.removeIf(check.name()::equals)) {
                lines.append("[+]%s excluded: ok\n".formatted(check.name()));
                continue;
            }
            String trouble = check.question().trouble();
            isGood &= trouble.isEmpty();
            lines.append(
                    trouble.isEmpty()
                            ? "[+]%s ok\n".formatted(check.name())
                            : "[-]%s failed: %s\n".formatted(check.name(), trouble));
        }
        if (!left.isEmpty()) {
            lines.append("warn: some health checks cannot be excluded: no matches for \"%s\"\n"
                    .formatted(String.join("\",\"", left)));
        }
        lines.append("%s check %s\n".formatted(name, isGood ? "passed" : "failed"));
        return new HealthReport(isGood, isGood && !isVerbose ? "ok" : lines.toString());
    }

    /// One check by itself; empty when there is none of that name.
    public static Optional<HealthReport> ofOne(String check, List<HealthCheck> checks) throws InterruptedException {
        for (HealthCheck each : with(checks)) {
            if (each.name().equals(check)) {
                String trouble = each.question().trouble();
                return Optional.of(
                        trouble.isEmpty()
                                ? new HealthReport(true, "ok")
                                : new HealthReport(false, "internal server error: " + trouble + "\n"));
            }
        }
        return Optional.empty();
    }

    private static List<HealthCheck> with(List<HealthCheck> checks) {
        List<HealthCheck> all = new ArrayList<>(List.of(PING));
        all.addAll(checks);
        return all;
    }
}
