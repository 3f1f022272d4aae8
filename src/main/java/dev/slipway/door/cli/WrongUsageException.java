package dev.slipway.door.cli;

/// The words of a verb make no sense together, which its options alone cannot say; exit code 2.
final class WrongUsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message says what was expected, and what was typed
    WrongUsageException(String message) {
        super(message);
    }

    /// Throws unless `condition` holds.
    static void unless(boolean condition, String message) {
        if (!condition) {
            throw new WrongUsageException(message);
        }
    }
}
