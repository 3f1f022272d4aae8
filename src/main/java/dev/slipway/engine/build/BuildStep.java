package dev.slipway.engine.build;

import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.RunParameters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One step of a build.
public sealed interface BuildStep {
    /// What it does, in a few words: for messages, and for the history that the image carries.
    String words();

    /// A step that changes files: alone it is one layer, and so are several of them in one [Layer].
    sealed interface Action extends BuildStep {}

    /// A step that is known in full only when those before it are done, because it has variables in it. Two that
    /// are equal resolve alike.
    non-sealed interface Deferred extends BuildStep {
        /// The image or stage that it takes files from; empty for most.
        Optional<StageOrigin> source();

        /// Where people find it, for messages.
        String place();

        /// @param arguments what [Arguments] steps of this stage have set
        /// @param parameters of the image so far
        /// @throws IOException when it cannot be done; the message is for people
        BuildStep resolved(Map<String, String> arguments, RunParameters parameters) throws IOException;
    }

    /// Variables for later steps of this stage, which are no part of the image. Makes no layer.
    record Arguments(Map<String, String> values) implements BuildStep {
        public Arguments {
            values = new TreeMap<>(values);
        }

        @Override
        public String words() {
            return "arguments " + String.join(" ", values.keySet());
        }
    }

    /// Several actions that make one layer, so that what one brings and another removes is in no layer at all.
    record Layer(List<Action> actions) implements BuildStep {
        public Layer {
            actions = List.copyOf(actions);
        }

        @Override
        public String words() {
            return actions.stream().map(BuildStep::words).collect(Collectors.joining("; "));
        }
    }

    /// Runs a program of the image in a container: with the image's user, working directory and environment so far,
    /// a network of its own, and the default capabilities and system calls.
    ///
    /// @param argv the program and its arguments
    /// @param env variables for this run alone
    record Run(List<String> argv, Map<String, String> env) implements Action {
        public Run {
            argv = List.copyOf(argv);
            env = new TreeMap<>(env);
        }

        /// The line of a shell without the shell; else all arguments.
        @Override
        public String words() {
            int last = argv.size() - 1;
            boolean isLine = last >= 2
                    && argv.get(last - 1).matches("-[a-z]*c")
                    && argv.get(last - 2).endsWith("sh");
            return "run " + (isLine ? argv.get(last) : String.join(" ", argv));
        }
    }

    /// Deletes files of the image; their bytes stay in the layers that brought them.
    ///
    /// @param paths absolute; `*` and `?` match within one name
    record Remove(List<String> paths) implements Action {
        public Remove {
            paths = List.copyOf(paths);
        }

        @Override
        public String words() {
            return "remove " + String.join(" ", paths);
        }
    }

    /// Files, directories and links of this host, under the paths that they have there.
    ///
    /// @param paths absolute; `*` matches within one name
    /// @param libraries with the shared libraries that ELF binaries among them need, and the loader of those
    record CopyFromHost(List<String> paths, boolean libraries) implements Action {
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
    /// @param owner as in [Copy]
    /// @param mode permission bits
    record CopyText(String content, String to, String owner, int mode) implements Action {
        @Override
        public String words() {
            return "copy text to " + to;
        }
    }

    /// A directory and what is missing on the way to it; nothing where it is there.
    ///
    /// @param user whose the made ones are, as in [RunParameters]
    record MakeDirectory(String path, String user) implements Action {
        @Override
        public String words() {
            return "make directory " + path;
        }
    }

    /// A directory in which programs are from now on, and which is made for that.
    record EnterDirectory(Configure config, MakeDirectory made) implements BuildStep {
        @Override
        public String words() {
            return "enter " + made.path();
        }
    }

    /// Where a copy step takes files from.
    sealed interface CopySource {
        /// For messages: empty, or with a space at the end.
        String words();

        /// A directory of this host; no link leads out of it, and its `.dockerignore` counts.
        ///
        /// @param directory absolute path
        record Context(String directory) implements CopySource {
            @Override
            public String words() {
                return "";
            }
        }

        /// The files that another image, or an earlier stage, shows.
        record Image(StageOrigin image) implements CopySource {
            @Override
            public String words() {
                return "from " + image.words() + " ";
            }
        }
    }

    /// Files of a directory of this host or of another image; of a directory all that is in it. Links stay as they
    /// are.
    ///
    /// @param from paths below the source, or patterns of [dev.slipway.engine.tree.Wildcards#GO]. Several of them
    ///     need a directory as target
    /// @param to absolute; a directory if it ends with a slash, or is one in the image
    /// @param owner `uid`, `name`, `uid:gid` or `name:group`, names as the image has them; empty to leave files of
    ///     another image to whom they belong there
    /// @param mode permission bits of files, or null for those they have; directories get the matching `x` bits too
    record Copy(
            CopySource source,
            List<String> from,
            String to,
            String owner,
            @Nullable Integer mode) implements Action {
        public Copy {
            from = List.copyOf(from);
        }

        @Override
        public String words() {
            return "copy " + source.words() + String.join(" ", from) + " to " + to;
        }
    }

    /// Files of a context, of which those that are archives are unpacked, be they compressed or not: what is in
    /// them comes into a directory, with the modes that the archive says. Directories within `files` are copied as
    /// they are.
    ///
    /// @param files from a context
    /// @param owner of what is in archives, as in [Copy]; empty to leave it to whom the archive says
    record Add(Copy files, String owner) implements Action {
        @Override
        public String words() {
            return "add " + files.words().substring("copy ".length());
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
            @Nullable String stopSignal,
            @Nullable Healthcheck healthcheck,
            @Nullable List<String> shell)
            implements BuildStep {
        /// Changes nothing.
        public static final Configure NOTHING =
                new Configure(Map.of(), null, null, null, null, Set.of(), Set.of(), Map.of(), null, null, null);

        public Configure {
            env = new TreeMap<>(env);
            entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
            cmd = cmd == null ? null : List.copyOf(cmd);
            volumes = Set.copyOf(volumes);
            exposedPorts = Set.copyOf(exposedPorts);
            labels = new TreeMap<>(labels);
            shell = shell == null ? null : List.copyOf(shell);
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
            add(changed, "healthcheck", healthcheck != null);
            add(changed, "shell", shell != null);
            return String.join(" ", changed);
        }

        private static void add(List<String> words, String word, boolean isThere) {
            if (isThere) {
                words.add(word);
            }
        }
    }
}
