package dev.slipway.engine.plan;

import java.util.Locale;

/// The machine that a plan is written for.
public enum Architecture {
    X86_64,
    AARCH64;

    /// The one that this process runs on.
    ///
    /// @throws IllegalStateException when there is no shim for it
    public static Architecture ofHost() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default -> throw new IllegalStateException("no shim for " + System.getProperty("os.arch"));
        };
    }

    /// As `uname -m` prints it.
    public String machine() {
        return name().toLowerCase(Locale.ROOT);
    }
}
