package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.AutoComplete;
import picocli.CommandLine;

class CompletionTest {
    @TempDir
    private Path directory;

    @Test
    void bash_completes_verbs_options_and_their_values() throws Exception {
        assertEquals(List.of("stop", "status", "stats", "start"), sorted(completed("slipway", "st")));
        assertEquals(List.of("--selector"), completed("slipway", "get", "--sel"));
        assertEquals(List.of("json"), completed("slipway", "get", "-o", "js"));
        assertEquals(List.of("bash"), completed("slipway", "completion", "b"));
    }

    @Test
    void fish_learns_verbs_options_and_their_values() {
        List<String> script = FishCompletion.script(SlipwayCommand.commandLine().getCommandSpec())
                .lines()
                .toList();

        assertTrue(script.contains(
                "complete -c slipway -n __fish_use_subcommand -a get" + " -d 'List objects of a kind, or show some.'"));
        assertTrue(script.contains("complete -c slipway -n '__fish_seen_subcommand_from get' -s o -l output -x"
                + " -a 'wide json yaml name'"
                + " -d 'wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...'"));
        assertTrue(script.contains("complete -c slipway -n '__fish_seen_subcommand_from apply' -s f -l filename -r -F"
                + " -d 'Manifests, YAML or JSON; may be given several times.'"));
        assertTrue(
                script.contains("complete -c slipway -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'"));
        assertTrue(script.contains("complete -c slipway -n '__fish_seen_subcommand_from up' -F"));
    }

    /// What bash offers for the last word.
    private List<String> completed(String... words) throws IOException, InterruptedException {
        CommandLine line = SlipwayCommand.commandLine();
        Path script = directory.resolve("completion");
        Files.writeString(script, AutoComplete.bash("slipway", line));
        String question =
                "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; _complete_slipway; printf '%%s\\n' \"${COMPREPLY[@]}\""
                        .formatted(script, String.join(" ", words), words.length - 1, String.join(" ", words));
        Process bash = new ProcessBuilder("bash", "--norc", "-c", question).start();
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(bash.waitFor(10, TimeUnit.SECONDS));
        return answer.lines().map(String::strip).toList();
    }

    private static List<String> sorted(List<String> words) {
        return words.stream().sorted((one, other) -> other.compareTo(one)).toList();
    }
}
