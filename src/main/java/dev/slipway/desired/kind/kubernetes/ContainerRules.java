package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Quantities;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What one container must be, in a pod or as an object of its own.
public final class ContainerRules {
    private ContainerRules() {}

    static void name(JsonNode container, String path, Set<String> taken, Findings findings) {
        String name = container.path("name").asText();
        if (name.isEmpty()) {
            findings.required(path + ".name");
        } else if (!Names.isLabel(name)) {
            findings.invalid(path + ".name", name, Names.LABEL_RULE);
        } else if (!taken.add(name)) {
            findings.duplicate(path + ".name", name);
        }
        if (container.path("image").asText().isEmpty()) {
            findings.required(path + ".image");
        }
    }

    /// @param volumes names that mounts may use
    public static void validate(JsonNode container, String path, Set<String> volumes, Findings findings) {
        String image = container.path("image").asText();
        if (!image.equals(image.strip())) {
            findings.invalid(path + ".image", image, "must not have leading or trailing whitespace");
        }
        PodRules.oneOf(container, "imagePullPolicy", List.of("Always", "IfNotPresent", "Never"), path, findings);
        ports(container.path("ports"), path + ".ports", findings);
        env(container.path("env"), path + ".env", findings);
        mounts(container.path("volumeMounts"), path + ".volumeMounts", volumes, findings);
        resources(container.path("resources"), path + ".resources", findings);
        JsonNode security = container.path("securityContext");
        if (security.path("privileged").asBoolean()
                && security.has("allowPrivilegeEscalation")
                && !security.path("allowPrivilegeEscalation").asBoolean()) {
            findings.invalid(
                    path + ".securityContext",
                    "",
                    "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
    }

    private static void ports(JsonNode ports, String path, Findings findings) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            String at = path + "[" + i + "]";
            JsonNode port = ports.get(i);
            if (!port.has("containerPort")) {
                findings.required(at + ".containerPort");
            } else {
                portNumber(port.path("containerPort"), at + ".containerPort", findings);
            }
            if (port.path("hostPort").asInt() != 0) {
                portNumber(port.path("hostPort"), at + ".hostPort", findings);
            }
            PodRules.oneOf(port, "protocol", List.of("TCP", "UDP", "SCTP"), at, findings);
            String name = port.path("name").asText();
            if (!name.isEmpty() && !names.add(name)) {
                findings.duplicate(at + ".name", name);
            }
        }
    }

    private static void portNumber(JsonNode port, String path, Findings findings) {
        if (!port.canConvertToInt() || port.asInt() < 1 || port.asInt() > 65535) {
            findings.invalid(path, port.asLong(), "must be between 1 and 65535, inclusive");
        }
    }

    private static void env(JsonNode env, String path, Findings findings) {
        for (int i = 0; i < env.size(); i++) {
            String name = env.get(i).path("name").asText();
            if (name.isEmpty()) {
                findings.required(path + "[" + i + "].name");
            } else if (!Names.isEnvironmentVariable(name)) {
                findings.invalid(
                        path + "[" + i + "].name",
                        name,
                        "a valid environment variable name must consist only of printable"
                                + " ASCII characters other than '='");
            }
            if (env.get(i).has("valueFrom")
                    && !env.get(i).path("value").asText().isEmpty()) {
                findings.invalid(path + "[" + i + "].valueFrom", "", "may not be specified when `value` is not empty");
            }
        }
    }

    private static void mounts(JsonNode mounts, String path, Set<String> volumes, Findings findings) {
        Set<String> targets = new HashSet<>();
        for (int i = 0; i < mounts.size(); i++) {
            String at = path + "[" + i + "]";
            String name = mounts.get(i).path("name").asText();
            String target = mounts.get(i).path("mountPath").asText();
            if (name.isEmpty()) {
                findings.required(at + ".name");
            } else if (!volumes.contains(name)) {
                findings.notFound(at + ".name", name);
            }
            if (target.isEmpty()) {
                findings.required(at + ".mountPath");
            } else if (!targets.add(target)) {
                findings.invalid(at + ".mountPath", target, "must be unique");
            }
            String subPath = mounts.get(i).path("subPath").asText();
            if (subPath.startsWith("/") || List.of(subPath.split("/")).contains("..")) {
                findings.invalid(at + ".subPath", subPath, "must be a relative path and must not contain '..'");
            }
        }
    }

    private static void resources(JsonNode resources, String path, Findings findings) {
        for (String list : List.of("limits", "requests")) {
            for (Map.Entry<String, JsonNode> entry : resources.path(list).properties()) {
                String at = path + "." + list + "[" + entry.getKey() + "]";
                Optional<BigDecimal> amount = Quantities.parse(entry.getValue().asText());
                if (amount.isEmpty()) {
                    findings.invalid(
                            at,
                            entry.getValue().asText(),
                            "quantities must match the regular expression"
                                    + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
                } else if (amount.get().signum() < 0) {
                    findings.invalid(at, entry.getValue().asText(), "must be greater than or equal to 0");
                }
            }
        }
        for (Map.Entry<String, JsonNode> request : resources.path("requests").properties()) {
            Optional<BigDecimal> limit = Quantities.parse(
                    resources.path("limits").path(request.getKey()).asText());
            Optional<BigDecimal> amount = Quantities.parse(request.getValue().asText());
            if (limit.isPresent() && amount.isPresent() && amount.get().compareTo(limit.get()) > 0) {
                findings.invalid(
                        path + ".requests",
                        request.getValue().asText(),
                        "must be less than or equal to %s limit of %s"
                                .formatted(
                                        request.getKey(),
                                        resources
                                                .path("limits")
                                                .path(request.getKey())
                                                .asText()));
            }
        }
    }
}
