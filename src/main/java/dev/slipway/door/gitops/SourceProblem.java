package dev.slipway.door.gitops;

import dev.slipway.desired.meta.Reason;

/// What is wrong with a source, for the person who writes its files.
///
/// @param file path below the source's directory; empty when it is about the directory itself
/// @param line of that file, 0 when there is none to name
/// @param lasting whether only a change of the files can help
public record SourceProblem(String file, int line, Reason reason, String message, boolean lasting) {
    /// `web.yaml:12`, or whatever of it is known.
    public String place() {
        return line > 0 ? file + ":" + line : file;
    }

    @Override
    public String toString() {
        return file.isEmpty() ? message : place() + ": " + message;
    }
}
