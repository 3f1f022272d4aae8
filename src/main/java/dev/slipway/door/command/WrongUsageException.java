package dev.slipway.door.command;

/// The words of a verb make no sense together, which its options alone cannot say; exit code 2.
public final class WrongUsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message says what was expected, and what was typed
    public WrongUsageException(String message) {
        super(message);
    }

    /// Throws unless `condition` holds.
    public static void unless(boolean condition, String message) {
        if (!condition) {
            throw new WrongUsageException(message);
        }
    }
}
