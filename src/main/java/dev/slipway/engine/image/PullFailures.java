package dev.slipway.engine.image;

import dev.slipway.disk.DiskSpace;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.image.PullOutcome.Failed;
import dev.slipway.engine.image.PullOutcome.Reason;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.signature.UnverifiedImageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.regex.Pattern;

/// Turns what went wrong into what the caller can decide by.
final class PullFailures {
    private static final int LONGEST_MESSAGE = 1024;
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]");

    private PullFailures() {}

    static Failed outcome(String name, IOException failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        String full = legible(message.startsWith("pull ") ? message : "pull " + name + ": " + message);
        return failure instanceof RegistryException refused
                ? new Failed(reason(refused.kind()), full, refused.retryAfter())
                : new Failed(reason(failure), full, Optional.empty());
    }

    /// Registries and images have a say in messages: no more than what goes into one event, and no control
    /// characters.
    private static String legible(String message) {
        String plain = UNPRINTABLE.matcher(message).replaceAll("?");
        return plain.length() <= LONGEST_MESSAGE ? plain : plain.substring(0, LONGEST_MESSAGE - 3) + "...";
    }

    /// Whether another try may go on from what came already.
    static boolean isWorthKeeping(IOException failure) {
        return switch (outcome("", failure).reason()) {
            case UNREACHABLE, RATE_LIMITED, INTERRUPTED -> true;
            case NEVER_PULL, NOT_FOUND, UNAUTHORIZED, NO_MATCHING_PLATFORM, UNVERIFIED, CORRUPT, NO_SPACE, DISK ->
                false;
        };
    }

    private static Reason reason(RegistryException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> Reason.NOT_FOUND;
            case UNAUTHORIZED -> Reason.UNAUTHORIZED;
            case RATE_LIMITED -> Reason.RATE_LIMITED;
            case UNREACHABLE -> Reason.UNREACHABLE;
            case PROTOCOL -> Reason.CORRUPT;
        };
    }

    private static Reason reason(IOException failure) {
        return switch (failure) {
            case CorruptContentException corrupt -> Reason.CORRUPT;
            case MalformedDocumentException malformed -> Reason.CORRUPT;
            case ImagePull.NotForThisPlatformException other -> Reason.NO_MATCHING_PLATFORM;
            case UnverifiedImageException unverified -> Reason.UNVERIFIED;
            case InterruptedIOException interrupted -> Reason.INTERRUPTED;
            default -> DiskSpace.ranOut(failure) ? Reason.NO_SPACE : Reason.DISK;
        };
    }
}
