package dev.slipway.engine.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.RunParameters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerfileTest {
    private static final RunParameters BASE = new RunParameters(
            List.of("PATH=/bin", "HOME=/root"),
            List.of(),
            List.of("bash"),
            "/work",
            "",
            Set.of(),
            "",
            Set.of(),
            Map.of(),
            null,
            List.of());

    private static List<BuildStage> stages(String text, Map<String, String> arguments) throws Exception {
        return Dockerfile.stages(text, new Dockerfile.Options(arguments, "", "/context"));
    }

    /// The steps of the last stage, with `ARG` and `ENV` filled in as they come.
    private static List<BuildStep> steps(String text, Map<String, String> arguments) throws Exception {
        Map<String, String> known = new HashMap<>();
        RunParameters parameters = BASE;
        List<BuildStep> steps = new ArrayList<>();
        for (BuildStep step : stages(text, arguments).getLast().steps()) {
            BuildStep resolved =
                    assertInstanceOf(BuildStep.Deferred.class, step).resolved(known, parameters);
            if (resolved instanceof BuildStep.Arguments further) {
                known.putAll(further.values());
            } else {
                parameters = after(parameters, resolved);
                steps.add(resolved);
            }
        }
        return steps;
    }

    private static RunParameters after(RunParameters before, BuildStep step) {
        BuildStep config = step instanceof BuildStep.EnterDirectory enter ? enter.config() : step;
        if (!(config instanceof BuildStep.Configure change)) {
            return before;
        }
        List<String> env = new ArrayList<>(before.env());
        change.env().forEach((name, value) -> {
            env.removeIf(variable -> variable.startsWith(name + "="));
            env.add(name + "=" + value);
        });
        return new RunParameters(
                env,
                List.of(),
                List.of(),
                change.workingDir() == null ? before.workingDir() : change.workingDir(),
                change.user() == null ? before.user() : change.user(),
                Set.of(),
                "",
                Set.of(),
                Map.of(),
                null,
                change.shell() == null ? before.shell() : change.shell());
    }

    private static BuildStep only(String instructions) throws Exception {
        return steps("FROM debian\n" + instructions, Map.of()).getLast();
    }

    private static BuildStep.Configure config(String instructions) throws Exception {
        return assertInstanceOf(BuildStep.Configure.class, only(instructions));
    }

    private static BuildStep.Run run(String instructions) throws Exception {
        return assertInstanceOf(BuildStep.Run.class, only(instructions));
    }

    @Test
    void comments_and_lines_that_go_on_are_read_as_one() throws Exception {
        String text = """
                # syntax=docker/dockerfile:1

                FROM debian
                # a comment
                RUN one && \\
                    # in between
                \\
                    two
                """;

        BuildStep.Run run =
                assertInstanceOf(BuildStep.Run.class, steps(text, Map.of()).getFirst());

        assertEquals(List.of("/bin/sh", "-c", "one &&     two"), run.argv());
    }

    @Test
    void another_letter_may_take_meanings_away() throws Exception {
        String text = "# escape=`\nFROM debian\nENV a=x`\n b=`$HOME\n";

        assertEquals(
                Map.of("a", "x", "b", "$HOME"),
                assertInstanceOf(
                                BuildStep.Configure.class, steps(text, Map.of()).getFirst())
                        .env());
    }

    @Test
    void stages_are_built_on_and_copied_from_by_name_and_number() throws Exception {
        List<BuildStage> stages = stages("""
                ARG VERSION=12
                FROM debian:${VERSION} AS build
                FROM build AS more
                FROM scratch
                COPY --from=build /a /b
                COPY --from=1 /a /c
                COPY --from=busybox:1 /bin/sh /sh
                """, Map.of());

        assertEquals(new StageOrigin.Image("debian:12"), stages.get(0).base());
        assertEquals(new StageOrigin.Stage(0, "build"), stages.get(1).base());
        assertEquals(new StageOrigin.Scratch(), stages.get(2).base());
        assertEquals(
                List.of(
                        new StageOrigin.Stage(0, "build"),
                        new StageOrigin.Stage(1, "1"),
                        new StageOrigin.Image("busybox:1")),
                stages.get(2).steps().stream()
                        .map(step -> assertInstanceOf(BuildStep.Deferred.class, step)
                                .source()
                                .orElseThrow())
                        .toList());
    }

    private static List<BuildStage> triggered(String text, String... triggers) throws Exception {
        return Dockerfile.stages(
                text, new Dockerfile.Options(Map.of(), "", "/context", Map.of("base", List.of(triggers))));
    }

    @Test
    void triggers_of_an_image_come_first_in_each_stage_that_begins_with_it() throws Exception {
        List<BuildStage> stages = triggered(
                "FROM base AS one\nRUN x\nFROM one\nFROM debian\nCOPY --from=base /a /b\nFROM base\nENTRYPOINT [\"b\"]",
                "ARG A",
                "COPY --from=one /x \\\n /y",
                "cmd [\"c\"]");

        assertEquals(
                List.of(4, 0, 1, 4),
                stages.stream().map(stage -> stage.steps().size()).toList());
        assertEquals(
                List.of("ARG A", "COPY --from=one /x  /y", "CMD [\"c\"]", "RUN x"),
                stages.getFirst().steps().stream().map(BuildStep::words).toList());
        BuildStep.Deferred copy = assertInstanceOf(
                BuildStep.Deferred.class, stages.getLast().steps().get(1));
        assertEquals(new StageOrigin.Stage(0, "one"), copy.source().orElseThrow());
        assertEquals("ONBUILD trigger 2 of base", copy.place());
        BuildStep.Deferred entrypoint = assertInstanceOf(
                BuildStep.Deferred.class, stages.getLast().steps().getLast());
        assertEquals(
                null,
                assertInstanceOf(BuildStep.Configure.class, entrypoint.resolved(Map.of(), BASE))
                        .cmd());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ONBUILD RUN x | ONBUILD is not supported",
                "FROM b | FROM is not supported",
                "MAINTAINER me | MAINTAINER is not supported",
                "RUN a;RUN b | it must be one instruction: RUN a;RUN b",
                "'' | it must be one instruction:",
                "EXPOSE http | EXPOSE is no port: http",
                "RUN --mount=type=cache x | RUN --mount is not supported",
            })
    void what_is_wrong_with_a_trigger_is_told_with_its_number_and_image(String trigger, String message) {
        assertEquals(
                "ONBUILD trigger 2 of base: " + (message == null ? "" : message.replace(";", "\n")),
                assertThrows(
                                MalformedDockerfileException.class,
                                () -> triggered("FROM base", "ENV a=b", trigger.replace(";", "\n")))
                        .getMessage()
                        .stripTrailing());
    }

    @Test
    void a_target_ends_the_stages() throws Exception {
        String text = "FROM a AS one\nFROM b AS two\nFROM c";

        assertEquals(
                2,
                Dockerfile.stages(text, new Dockerfile.Options(Map.of(), "two", ""))
                        .size());
        assertEquals(
                1,
                Dockerfile.stages(text, new Dockerfile.Options(Map.of(), "0", ""))
                        .size());
    }

    @Test
    void variables_are_filled_in_as_far_as_docker_does() throws Exception {
        assertEquals(
                Map.of("A", "/bin:/opt", "B", "x y", "C", "$HOME", "D", "other", "E", "", "F", "set", "G", "/root-"),
                config("ENV A=$PATH:/opt B='x y' C=\\$HOME D=${NONE:-other} E=${NONE:+set} F=${HOME:+set} G=\"$HOME\"-")
                        .env());
        assertEquals(
                Map.of("A", "one two  three"), config("ENV A one two  three").env());
    }

    @Test
    void arguments_are_given_or_have_a_value_and_reach_programs() throws Exception {
        String text = "ARG BASE=1\nFROM debian\nARG A=a\nARG B=b C\nARG BASE\nENV B=env\nRUN [\"x\", \"$A\"]";

        BuildStep.Run run = assertInstanceOf(
                BuildStep.Run.class,
                steps(text, Map.of("A", "given", "NEVER", "used")).getLast());

        assertEquals(new BuildStep.Run(List.of("x", "$A"), Map.of("A", "given", "BASE", "1")), run);
    }

    @Test
    void shells_run_lines_and_lists_run_themselves() throws Exception {
        assertEquals(List.of("/bin/sh", "-c", "a | b"), run("RUN a | b").argv());
        assertEquals(
                List.of("/bin/bash", "-ec", "a"),
                run("SHELL [\"/bin/bash\", \"-ec\"]\nRUN a").argv());
        assertEquals(List.of("a", "b c"), config("CMD [\"a\", \"b c\"]").cmd());
        assertEquals(List.of("/bin/sh", "-c", "a b"), config("CMD a b").cmd());
        assertEquals(List.of(), config("ENTRYPOINT [\"a\"]").cmd());
        assertEquals(null, config("CMD b\nENTRYPOINT [\"a\"]").cmd());
    }

    @Test
    void here_documents_are_scripts_and_files() throws Exception {
        assertEquals(
                "one\ntwo $HOME\n", run("RUN <<EOF\none\ntwo $HOME\nEOF").argv().getLast());
        assertEquals("cat <<A >/x\n1\nA\n", run("RUN cat <<A >/x\n1\nA").argv().getLast());
        assertEquals(
                new BuildStep.CopyText("home /root\n", "/work/x", "0:0", 0644), only("COPY <<EOF x\nhome $HOME\nEOF"));
        assertEquals(
                new BuildStep.CopyText("$HOME\n", "/d/EOF", "1:1", 0600),
                only("COPY --chown=1:1 --chmod=600 <<-'EOF' /d/\n\t$HOME\n\tEOF"));
    }

    @Test
    void files_are_copied_into_the_working_directory_unless_the_path_is_absolute() throws Exception {
        CopySource context = new CopySource.Context("/context");
        assertEquals(new BuildStep.Copy(context, List.of("a"), "/work/b", "0:0", null), only("COPY a b"));
        assertEquals(
                new BuildStep.Copy(context, List.of("a"), "/work/./", "0:0", null), only("ADD --unpack=false a ."));
        assertEquals(
                new BuildStep.Copy(context, List.of("a b", "c*"), "/x/y/./", "web:www", 0755),
                only("WORKDIR /x\nWORKDIR y\nCOPY --chown=web:www --chmod=0755 [\"a b\", \"c*\", \"./\"]"));
    }

    @Test
    void what_is_added_is_unpacked_and_stays_with_its_owners_unless_one_is_named() throws Exception {
        CopySource context = new CopySource.Context("/context");
        assertEquals(
                new BuildStep.Add(new BuildStep.Copy(context, List.of("a"), "/work/b", "0:0", null), ""),
                only("ADD a b"));
        assertEquals(
                new BuildStep.Add(new BuildStep.Copy(context, List.of("a.tar", "b"), "/d/", "web", 0755), "web"),
                only("ADD --chown=web --chmod=755 --unpack=true a.tar b /d/"));
    }

    @Test
    void the_other_instructions_change_the_config() throws Exception {
        assertEquals("web:www", config("USER web:www").user());
        BuildStep.EnterDirectory enter =
                assertInstanceOf(BuildStep.EnterDirectory.class, only("USER web\nWORKDIR sub"));
        assertEquals("/work/sub", enter.config().workingDir());
        assertEquals(new BuildStep.MakeDirectory("/work/sub", "web"), enter.made());
        assertEquals("/", config("WORKDIR /").workingDir());
        assertEquals(
                Set.of("80/tcp", "53/udp", "8000/tcp", "8001/tcp"),
                config("EXPOSE 80 53/udp 8000-8001").exposedPorts());
        assertEquals(Set.of("/a", "/b"), config("VOLUME /a /b").volumes());
        assertEquals(Set.of("/a b"), config("VOLUME [\"/a b\"]").volumes());
        assertEquals(Map.of("a", "b c", "d", "e"), config("LABEL a=\"b c\" d=e").labels());
        assertEquals("SIGINT", config("STOPSIGNAL SIGINT").stopSignal());
        assertEquals(
                new Healthcheck(
                        List.of("CMD-SHELL", "curl x || exit 1"),
                        Duration.ofSeconds(90),
                        Duration.ofMillis(1500),
                        Duration.ZERO,
                        Duration.ofSeconds(2),
                        4),
                config(
                                "HEALTHCHECK --start-interval=2s --interval=1m30s --timeout=1.5s --retries=4 CMD curl x || exit 1")
                        .healthcheck());
        assertEquals(List.of("NONE"), config("HEALTHCHECK NONE").healthcheck().test());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FROM a;ONBUILD RUN x | Dockerfile line 2: ONBUILD is not supported",
                "FROM a;;RUN --mount=type=cache x | Dockerfile line 3: RUN --mount is not supported",
                "FROM a;MAINTAINER me | Dockerfile line 2: MAINTAINER is not supported",
                "RUN x | Dockerfile line 1: RUN before the first FROM",
                "FROM a b | Dockerfile line 1: FROM must be: FROM <image> [AS <name>]",
                "FROM a;ADD https://x/y /z | Dockerfile line 2: ADD of what is not in the context is not supported: https://x/y",
                "FROM a;ADD --unpack=maybe x.tar.gz / | Dockerfile line 2: --unpack must be true or false: maybe",
                "FROM a;ADD --checksum=sha256:0 x / | Dockerfile line 2: ADD --checksum is not supported",
                "FROM a;COPY --chmod=u+x a b | Dockerfile line 2: --chmod must be permission bits in octal: u+x",
                "FROM a;COPY a | Dockerfile line 2: COPY needs what to copy, and where to",
                "FROM a;ENV x='y | Dockerfile line 2: a quote is not closed",
                "FROM a;RUN <<EOF;x | Dockerfile line 2: here-document EOF does not end",
                "FROM --platform=plan9/mips a | Dockerfile line 1: FROM --platform is not supported for other platforms than this host's",
                "FROM a;EXPOSE http | Dockerfile line 2: EXPOSE is no port: http",
                "# nothing | Dockerfile line 1: there is no FROM",
            })
    void what_is_not_understood_is_refused_by_name_and_line(String text, String message) {
        assertEquals(
                message,
                assertThrows(MalformedDockerfileException.class, () -> stages(text.replace(";", "\n"), Map.of()))
                        .getMessage());
    }

    @Test
    void what_is_wrong_with_a_variable_is_told_with_its_line_when_the_step_comes() {
        String message = assertThrows(IOException.class, () -> only("ARG P=http\nEXPOSE $P"))
                .getMessage();

        assertEquals("Dockerfile line 3: EXPOSE is no port: http", message);
    }
}
