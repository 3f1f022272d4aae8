package dev.slipway.engine.build;

import java.io.IOException;

/// A step could not be done. Its message names the step and the reason.
final class StepFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param number counted from 1
    StepFailedException(int number, BuildStep step, IOException reason) {
        super("step %d (%s): %s".formatted(number, step.words(), placed(step, words(reason))), reason);
    }

    /// What is wrong with a text says where already.
    private static String placed(BuildStep step, String reason) {
        return step instanceof BuildStep.Deferred deferred && !reason.startsWith(deferred.place())
                ? deferred.place() + ": " + reason
                : reason;
    }

    static String words(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
