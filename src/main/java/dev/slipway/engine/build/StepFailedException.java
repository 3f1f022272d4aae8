package dev.slipway.engine.build;

import java.io.IOException;

/// A step could not be done. Its message names the step and the reason.
final class StepFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param number counted from 1
    StepFailedException(int number, BuildStep step, IOException reason) {
        super("step %d (%s): %s".formatted(number, step.words(), words(reason)), reason);
    }

    static String words(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
