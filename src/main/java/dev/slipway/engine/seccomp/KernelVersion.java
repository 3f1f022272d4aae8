package dev.slipway.engine.seccomp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Version of a kernel, as far as profiles ask for it.
record KernelVersion(int major, int minor) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*");

    static KernelVersion running() {
        return of(System.getProperty("os.version"));
    }

    /// @throws IllegalArgumentException when it does not begin with two numbers
    static KernelVersion of(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("it is not a version of the kernel: \"%s\"".formatted(text));
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    boolean isAtLeast(String wanted) {
        KernelVersion other = of(wanted);
        return major > other.major || major == other.major && minor >= other.minor;
    }
}
