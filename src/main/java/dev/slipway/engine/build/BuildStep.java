package dev.slipway.engine.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One step of a build.
public sealed interface BuildStep {
    /// What it does, in a few words: for messages, and for the history that the image carries.
    String words();

    /// Files, directories and links of this host, under the paths that they have there.
    ///
    /// @param paths absolute; `*` matches within one name
    /// @param libraries with the shared libraries that ELF binaries among them need, and the loader of those
    record CopyFromHost(List<String> paths, boolean libraries) implements BuildStep {
        public CopyFromHost {
            paths = List.copyOf(paths);
        }

        @Override
        public String words() {
            return "copyFromHost " + String.join(" ", paths) + (libraries ? " with libraries" : "");
        }
    }

    /// A file that holds `content`.
    ///
    /// @param mode permission bits
    record CopyText(String content, String to, FileOwner owner, int mode) implements BuildStep {
        @Override
        public String words() {
            return "copy text to " + to;
        }
    }

    /// A file of a directory of this host, or all that is in a directory below it. Links stay as they are.
    ///
    /// @param context absolute path of the directory; no link leads out of it
    /// @param from path below it
    /// @param to a directory if it ends with a slash, or is one in the image
    /// @param mode permission bits of files, or null for those they have; directories get the matching `x` bits too
    record CopyFromContext(
            String context,
            String from,
            String to,
            FileOwner owner,
            @Nullable Integer mode) implements BuildStep {
        @Override
        public String words() {
            return "copy " + from + " to " + to;
        }
    }

    /// Run parameters. What is null stays as the base or earlier steps have it; the rest is added to what they
    /// have.
    record Configure(
            Map<String, String> env,
            @Nullable String user,
            @Nullable String workingDir,
            @Nullable List<String> entrypoint,
            @Nullable List<String> cmd,
            Set<String> volumes,
            Set<String> exposedPorts,
            Map<String, String> labels,
            @Nullable String stopSignal)
            implements BuildStep {
        public Configure {
            env = new TreeMap<>(env);
            entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
            cmd = cmd == null ? null : List.copyOf(cmd);
            volumes = Set.copyOf(volumes);
            exposedPorts = Set.copyOf(exposedPorts);
            labels = new TreeMap<>(labels);
        }

        @Override
        public String words() {
            List<String> changed = new ArrayList<>(List.of("config"));
            add(changed, "env", !env.isEmpty());
            add(changed, "user", user != null);
            add(changed, "workingDir", workingDir != null);
            add(changed, "entrypoint", entrypoint != null);
            add(changed, "cmd", cmd != null);
            add(changed, "volumes", !volumes.isEmpty());
            add(changed, "exposedPorts", !exposedPorts.isEmpty());
            add(changed, "labels", !labels.isEmpty());
            add(changed, "stopSignal", stopSignal != null);
            return String.join(" ", changed);
        }

        private static void add(List<String> words, String word, boolean isThere) {
            if (isThere) {
                words.add(word);
            }
        }
    }
}
