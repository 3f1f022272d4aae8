package dev.slipway.engine.dockerfile;

import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes stages of the text of a Dockerfile. For one thread.
///
/// @spec https://docs.docker.com/reference/dockerfile/ Docker: Dockerfile reference
public final class Dockerfile {
    private static final Set<String> STEPS = Set.of(
            "RUN",
            "COPY",
            "ADD",
            "ENV",
            "ARG",
            "WORKDIR",
            "USER",
            "ENTRYPOINT",
            "CMD",
            "EXPOSE",
            "VOLUME",
            "LABEL",
            "STOPSIGNAL",
            "HEALTHCHECK",
            "SHELL");

    private final Options options;
    private final Map<String, String> globals = new HashMap<>();
    private final List<Stage> stages = new ArrayList<>();

    private Dockerfile(Options options) {
        this.options = options;
        String platform = Platform.host().toString();
        String[] parts = platform.split("/", 3);
        for (String side : List.of("BUILD", "TARGET")) {
            globals.put(side + "PLATFORM", platform);
            globals.put(side + "OS", parts[0]);
            globals.put(side + "ARCH", parts[1]);
        }
    }

    /// What a build says beside the text.
    ///
    /// @param arguments values of `ARG`
    /// @param target the stage that is the image, by name or number; empty for the last
    /// @param directory of the context; empty where there is none
    /// @param triggers instructions that images, by the name that `FROM` uses, have for what is built on them
    public record Options(
            Map<String, String> arguments, String target, String directory, Map<String, List<String>> triggers) {
        public Options {
            arguments = Map.copyOf(arguments);
            triggers = Map.copyOf(triggers);
        }

        /// For images without triggers.
        public Options(Map<String, String> arguments, String target, String directory) {
            this(arguments, target, directory, Map.of());
        }
    }

    private record Stage(String name, StageOrigin base, List<BuildStep> steps) {
        boolean hasCmd() {
            return steps.stream()
                    .anyMatch(step -> step instanceof DockerfileStep of
                            && of.instruction().word().equals("CMD"));
        }
    }

    /// The stages up to the one that is the image.
    public static List<BuildStage> stages(String text, Options options) throws MalformedDockerfileException {
        Dockerfile dockerfile = new Dockerfile(options);
        List<Instruction> instructions = Lines.read(text);
        for (Instruction instruction : instructions) {
            dockerfile.add(instruction);
        }
        return dockerfile.wanted(
                instructions.isEmpty()
                        ? Lines.placeOf(1)
                        : instructions.getLast().place());
    }

    private List<BuildStage> wanted(String end) throws MalformedDockerfileException {
        if (stages.isEmpty()) {
            throw new MalformedDockerfileException(end, "there is no FROM");
        }
        int last = options.target().isEmpty() ? stages.size() - 1 : number(options.target());
        if (last < 0) {
            throw new MalformedDockerfileException(end, "there is no stage " + options.target());
        }
        return stages.subList(0, last + 1).stream()
                .map(stage -> new BuildStage(stage.base(), stage.steps()))
                .toList();
    }

    private void add(Instruction instruction) throws MalformedDockerfileException {
        String word = instruction.word();
        if (word.equals("FROM")) {
            stages.add(stage(instruction));
            addTriggers();
        } else if (stages.isEmpty() && word.equals("ARG")) {
            globals.putAll(DockerfileStep.arguments(instruction, options.arguments(), Map.of(), globals));
        } else if (!STEPS.contains(word)) {
            throw instruction.refused(word + " is not supported");
        } else if (stages.isEmpty()) {
            throw instruction.refused(word + " before the first FROM");
        } else {
            stages.getLast().steps().add(step(instruction));
        }
    }

    /// What the image of a stage has for it comes first.
    private void addTriggers() throws MalformedDockerfileException {
        if (!(stages.getLast().base() instanceof StageOrigin.Image image)) {
            return;
        }
        int number = 1;
        for (String text : options.triggers().getOrDefault(image.name(), List.of())) {
            String place = "ONBUILD trigger %d of %s".formatted(number++, image.name());
            Instruction trigger = Lines.readOne(text, place);
            if (!STEPS.contains(trigger.word())) {
                throw trigger.refused(trigger.word() + " is not supported");
            }
            stages.getLast().steps().add(step(trigger));
        }
    }

    private Stage stage(Instruction instruction) throws MalformedDockerfileException {
        instruction.allow(Set.of("platform"));
        Optional<String> platform = instruction.flag("platform");
        if (platform.isPresent()
                && !Words.one(instruction, platform.get(), globals)
                        .equals(Platform.host().toString())) {
            throw instruction.refused("FROM --platform is not supported for other platforms than this host's");
        }
        List<String> words = Words.split(instruction, instruction.text(), globals);
        boolean isNamed = words.size() == 3 && words.get(1).equalsIgnoreCase("AS");
        if (words.size() != 1 && !isNamed) {
            throw instruction.refused("FROM must be: FROM <image> [AS <name>]");
        }
        if (words.getFirst().isEmpty()) {
            throw instruction.refused("FROM has no image: a variable in it is empty");
        }
        String name = isNamed ? words.get(2).toLowerCase(Locale.ROOT) : "";
        return new Stage(name, origin(words.getFirst()), new ArrayList<>());
    }

    /// What a name means: an earlier stage, nothing, or an image.
    private StageOrigin origin(String name) {
        int stage = named(name);
        if (stage >= 0) {
            return new StageOrigin.Stage(stage, name);
        }
        return name.equals("scratch") ? new StageOrigin.Scratch() : new StageOrigin.Image(name);
    }

    private int named(String name) {
        for (int number = stages.size() - 1; number >= 0; number--) {
            if (!name.isEmpty() && stages.get(number).name().equals(name.toLowerCase(Locale.ROOT))) {
                return number;
            }
        }
        return -1;
    }

    /// A stage by its name or number; -1 if there is none.
    private int number(String name) {
        int named = named(name);
        if (named < 0 && name.matches("[0-9]{1,4}") && Integer.parseInt(name) < stages.size()) {
            return Integer.parseInt(name);
        }
        return named;
    }

    private BuildStep step(Instruction instruction) throws MalformedDockerfileException {
        boolean copies = instruction.word().equals("COPY") || instruction.word().equals("ADD");
        if (copies) {
            Copies.check(instruction);
            if (instruction.flag("from").isEmpty()
                    && options.directory().isEmpty()
                    && instruction.documents().isEmpty()) {
                throw instruction.refused(instruction.word() + " needs a context, and the build has none");
            }
        }
        StageOrigin source = copies ? source(instruction) : null;
        Map<String, String> known = new HashMap<>(globals);
        known.keySet().removeIf(name -> !instruction.word().equals("ARG"));
        DockerfileStep step = new DockerfileStep(
                instruction,
                Optional.ofNullable(source),
                options,
                known,
                stages.getLast().hasCmd());
        step.check();
        return step;
    }

    private @Nullable StageOrigin source(Instruction instruction) {
        Optional<String> from = instruction.flag("from");
        if (from.isEmpty()) {
            return null;
        }
        int stage = number(from.get());
        // A stage cannot copy from itself.
        return stage >= 0 && stage < stages.size() - 1
                ? new StageOrigin.Stage(stage, from.get())
                : new StageOrigin.Image(from.get());
    }
}
