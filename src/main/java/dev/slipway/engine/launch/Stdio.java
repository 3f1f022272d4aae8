package dev.slipway.engine.launch;

/// What the standard streams of a process are.
///
/// @param stdin keeps stdin open for clients that attach; otherwise it is `/dev/null`
/// @param stdinOnce closes stdin when the first client that had it leaves
/// @param terminal one pseudo terminal for all three; otherwise stdout and stderr are pipes of their own
public record Stdio(boolean stdin, boolean stdinOnce, boolean terminal) {
    /// No stdin, two output pipes.
    public static final Stdio OUTPUT_ONLY = new Stdio(false, false, false);
}
