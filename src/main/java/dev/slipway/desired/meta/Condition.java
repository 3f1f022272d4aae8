package dev.slipway.desired.meta;

import java.util.Objects;

/// One aspect of an object's state, as `status.conditions` shows it.
///
/// @param reason one word in CamelCase
/// @param message for people, may be empty
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/condition/ Condition
public record Condition(String type, Status status, String reason, String message) {
    public Condition {
        Objects.requireNonNull(status);
        if (type.isEmpty()) {
            throw new IllegalArgumentException("condition type is empty");
        }
    }

    /// What is known of the aspect.
    public enum Status {
        TRUE("True"),
        FALSE("False"),
        UNKNOWN("Unknown");

        private final String text;

        Status(String text) {
            this.text = text;
        }

        /// As it is written in JSON.
        @Override
        public String toString() {
            return text;
        }
    }

    public static Condition yes(String type, Reason reason, String message) {
        return new Condition(type, Status.TRUE, reason.toString(), message);
    }

    public static Condition no(String type, Reason reason, String message) {
        return new Condition(type, Status.FALSE, reason.toString(), message);
    }

    public static Condition unknown(String type, Reason reason, String message) {
        return new Condition(type, Status.UNKNOWN, reason.toString(), message);
    }
}
