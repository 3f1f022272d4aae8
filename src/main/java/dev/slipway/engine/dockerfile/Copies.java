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
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3,4}");
    private static final int TEXT_MODE = 0644;

    /// Refuses flags that would mean something else than is done.
    static void check(Instruction instruction) throws MalformedDockerfileException {
        // --link changes how layers are made, and not what is in them.
        instruction.allow(
                instruction.word().equals("COPY")
                        ? Set.of("from", "chown", "chmod", "link")
                        : Set.of("chown", "chmod", "link", "unpack"));
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
            BuildStep.Copy copy = new BuildStep.Copy(files, from, to, owner(), mode());
            actions.addFirst(unpacks() ? new BuildStep.Add(copy, named("")) : copy);
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
    }

    private boolean unpacks() throws MalformedDockerfileException {
        String unpack = instruction.flag("unpack").orElse("true");
        if (!unpack.equals("true") && !unpack.equals("false")) {
            throw instruction.refused("--unpack must be true or false: " + unpack);
        }
        return instruction.word().equals("ADD") && unpack.equals("true");
    }

    private String owner() throws MalformedDockerfileException {
        return named(source.isPresent() ? "" : "0:0");
    }

    /// Whom the instruction names as owner.
    private String named(String otherwise) throws MalformedDockerfileException {
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
