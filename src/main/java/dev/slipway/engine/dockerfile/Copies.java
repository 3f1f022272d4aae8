package dev.slipway.engine.dockerfile;

import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.oci.RunParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads `COPY` and `ADD`.
///
/// @spec https://docs.docker.com/reference/dockerfile/#copy Docker: COPY
record Copies(
        Instruction instruction,
        Optional<StageOrigin> source,
        String directory,
        RunParameters parameters,
        Map<String, String> variables) {
    private static final Pattern REMOTE = Pattern.compile("(https?|ftp|git|ssh)://.*|git@.*");
    private static final Pattern ARCHIVE = Pattern.compile(".*\\.(tar|tar\\.(gz|bz2|xz|zst)|tgz|tbz2?|txz)");
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3,4}");
    private static final int TEXT_MODE = 0644;

    /// Refuses flags that would mean something else than is done.
    static void check(Instruction instruction) throws MalformedDockerfileException {
        // --link changes how layers are made, and not what is in them.
        instruction.allow(
                instruction.word().equals("COPY")
                        ? Set.of("from", "chown", "chmod", "link")
                        : Set.of("chown", "chmod", "link"));
    }

    BuildStep step() throws MalformedDockerfileException {
        List<String> words = words();
        if (words.size() < 2) {
            throw instruction.refused(instruction.word() + " needs what to copy, and where to");
        }
        List<String> from = new ArrayList<>(words.subList(0, words.size() - 1));
        String to = target(words.getLast(), words.size() > 2);
        List<BuildStep.Action> actions = new ArrayList<>();
        for (Instruction.HereDocument document : instruction.documents()) {
            from.remove(Words.one(instruction, document.mark(), Map.of()));
            String content =
                    document.expands() ? Words.fill(instruction, document.content(), variables) : document.content();
            Integer mode = mode();
            actions.add(new BuildStep.CopyText(
                    content, to.endsWith("/") ? to + document.name() : to, owner(), mode == null ? TEXT_MODE : mode));
        }
        for (String path : from) {
            refuseWhatIsNoFile(path);
        }
        if (!from.isEmpty()) {
            CopySource files =
                    source.<CopySource>map(CopySource.Image::new).orElseGet(() -> new CopySource.Context(directory));
            actions.addFirst(new BuildStep.Copy(files, from, to, owner(), mode()));
        }
        return actions.size() == 1 ? actions.getFirst() : new BuildStep.Layer(actions);
    }

    private List<String> words() throws MalformedDockerfileException {
        Optional<List<String>> list = ExecForm.list(instruction.text());
        if (list.isEmpty()) {
            return Words.split(instruction, instruction.text(), variables);
        }
        List<String> words = new ArrayList<>();
        for (String word : list.get()) {
            words.add(Words.fill(instruction, word, variables));
        }
        return words;
    }

    private String target(String to, boolean several) {
        String path = DockerfileStep.path(parameters, to);
        boolean isDirectory = several || to.equals(".") || to.endsWith("/.");
        return isDirectory && !path.endsWith("/") ? path + "/" : path;
    }

    private void refuseWhatIsNoFile(String path) throws MalformedDockerfileException {
        if (instruction.word().equals("ADD") && REMOTE.matcher(path).matches()) {
            throw instruction.refused("ADD of what is not in the context is not supported: " + path);
        }
        if (instruction.word().equals("ADD") && ARCHIVE.matcher(path).matches()) {
            throw instruction.refused("ADD does not unpack archives here: %s; COPY it and RUN tar".formatted(path));
        }
    }

    private String owner() throws MalformedDockerfileException {
        String otherwise = source.isPresent() ? "" : "0:0";
        return Words.one(instruction, instruction.flag("chown").orElse(otherwise), variables);
    }

    private @Nullable Integer mode() throws MalformedDockerfileException {
        Optional<String> flag = instruction.flag("chmod");
        if (flag.isEmpty()) {
            return null;
        }
        String mode = Words.one(instruction, flag.get(), variables);
        // A variable in it is not known yet when the text is checked.
        if (!MODE.matcher(mode).matches() && !flag.get().contains("$")) {
            throw instruction.refused("--chmod must be permission bits in octal: " + mode);
        }
        return mode.isEmpty() ? null : Integer.valueOf(mode, 8);
    }
}
