package dev.slipway.engine.linux;

import java.io.IOException;

/// The kernel refused a call. The message reads `<call> <subject>: <text> (<ERRNO>)`, for instance
/// `mount proc on /proc: no such file or directory (ENOENT)`.
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_SUBJECT = 400;

    private final Errno errno;
    private final int number;

    /// @param number the positive errno value
    /// @param call the call, as its man page names it
    /// @param subject what it was done to, in words
    public LinuxException(int number, String call, String subject) {
        super("%s %s: %s".formatted(call, shortened(subject), words(number)));
        this.errno = Errno.of(number);
        this.number = number;
    }

    public Errno errno() {
        return errno;
    }

    /// The positive errno value as the kernel gave it.
    public int number() {
        return number;
    }

    /// A path may be one of a stranger; the middle of a long one says nothing.
    private static String shortened(String subject) {
        int half = LONGEST_SUBJECT / 2;
        return subject.length() <= LONGEST_SUBJECT
                ? subject
                : subject.substring(0, half) + "..." + subject.substring(subject.length() - half);
    }

    private static String words(int number) {
        Errno errno = Errno.of(number);
        return errno == Errno.OTHER ? "errno " + number : errno.text() + " (" + errno.name() + ")";
    }
}
