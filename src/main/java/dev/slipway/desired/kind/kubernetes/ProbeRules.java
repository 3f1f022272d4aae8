package dev.slipway.desired.kind.kubernetes;

import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import java.util.List;
import java.util.regex.Pattern;

/// What probes and lifecycle hooks must be.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes Kubernetes: Probes
final class ProbeRules {
    private static final List<String> OF_PROBE = List.of("exec", "httpGet", "tcpSocket", "grpc");
    private static final List<String> OF_HOOK = List.of("exec", "httpGet", "tcpSocket", "sleep");
    private static final List<String> COUNTS =
            List.of("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold");
    private static final Pattern HEADER = Pattern.compile("[-A-Za-z0-9]+");
    private static final String HEADER_RULE = "a valid HTTP header must consist of alphanumeric characters or '-'"
            + " (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

    private ProbeRules() {}

    static void validate(Place container) {
        for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            Place probe = container.at(name);
            if (probe.isThere()) {
                probe(probe);
            }
        }
        container.at("lifecycle").at("stopSignal").reads(Signals::faults);
        for (String name : List.of("postStart", "preStop")) {
            Place hook = container.at("lifecycle").at(name);
            if (hook.isThere()) {
                action(hook, OF_HOOK);
            }
        }
    }

    private static void probe(Place probe) {
        action(probe, OF_PROBE);
        COUNTS.forEach(field -> probe.at(field).notNegative());
        Place grace = probe.at("terminationGracePeriodSeconds");
        grace.holds(grace.value().asLong() > 0, "must be greater than 0");
        if (probe.name().equals("readinessProbe")) {
            grace.holds(false, "must not be set for readinessProbes");
        } else {
            Place successes = probe.at("successThreshold");
            successes.holds(successes.value().asLong() <= 1, "must be 1");
        }
    }

    private static void action(Place place, List<String> kinds) {
        List<Place> present = place.present(kinds);
        if (present.isEmpty()) {
            place.required("must specify a handler type");
        }
        present.stream().skip(1).forEach(extra -> extra.forbidden("may not specify more than 1 handler type"));
        present.stream().limit(1).forEach(ProbeRules::details);
    }

    private static void details(Place action) {
        switch (action.name()) {
            case "exec" -> action.at("command").require();
            case "httpGet" -> {
                action.at("path").require();
                port(action.at("port"));
                action.at("scheme").oneOf(List.of("HTTP", "HTTPS"));
                action.at("httpHeaders").items().forEach(header -> header.at("name")
                        .holds(HEADER.matcher(header.at("name").text()).matches(), HEADER_RULE));
            }
            case "sleep" -> action.at("seconds").notNegative();
            default -> port(action.at("port"));
        }
    }

    private static void port(Place port) {
        if (port.value().isTextual()) {
            port.reads(Names::port);
        } else if (port.isThere()) {
            port.between(1, 65535);
        } else {
            port.required("");
        }
    }
}
