package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class UsageErrorsTest {
    private static final Set<String> VERBS =
            SlipwayCommand.commandLine().getSubcommands().keySet();

    @Test
    void a_mistyped_verb_is_recognized() {
        assertEquals(Optional.of("slipway get"), UsageErrors.meant("gte", VERBS));
        assertEquals(Optional.of("slipway serve"), UsageErrors.meant("serv", VERBS));
        assertEquals(Optional.of("slipway describe"), UsageErrors.meant("decribe", VERBS));
        assertEquals(Optional.of("slipway status"), UsageErrors.meant("sttaus", VERBS));
    }

    @Test
    void a_verb_of_another_tool_leads_to_ours() {
        assertEquals(Optional.of("slipway get containers"), UsageErrors.meant("ps", VERBS));
        assertEquals(Optional.of("slipway resume NAME"), UsageErrors.meant("unpause", VERBS));
    }

    @Test
    void nothing_is_guessed_for_what_is_far_from_everything() {
        assertEquals(Optional.empty(), UsageErrors.meant("frobnicate", VERBS));
        assertEquals(Optional.empty(), UsageErrors.meant("x", VERBS));
    }

    @Test
    void wrong_usage_is_told_in_two_lines_and_exit_code_2() {
        assertEquals(
                List.of("slipway: unknown verb \"gte\"; did you mean: slipway get", "Try:     slipway --help"),
                wrong("gte", "pods"));
        assertEquals(
                List.of("slipway: Unknown option: '--colour'", "Try:     slipway get --help"),
                wrong("get", "pods", "--colour"));
        assertEquals(
                List.of(
                        "slipway: -o is wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...: xml",
                        "Try:     slipway get --help"),
                wrong("get", "pods", "-o", "xml"));
        assertEquals(
                List.of("slipway: -o jsonpath: expected ] at \"}\"", "Try:     slipway get --help"),
                wrong("get", "pods", "-o", "jsonpath={.items[0}"));
        assertEquals(
                List.of(
                        "slipway: -o custom-columns: not of the form HEADER:PATH,...: \"NAME\"",
                        "Try:     slipway get --help"),
                wrong("get", "pods", "-o", "custom-columns=NAME"));
        assertEquals(
                List.of("slipway: say what to delete: either -f FILE, or KIND NAME", "Try:     slipway delete --help"),
                wrong("delete"));
        assertEquals(List.of("slipway: say NAME, or -l LABELS", "Try:     slipway logs --help"), wrong("logs"));
    }

    @Test
    void times_may_have_units() {
        assertEquals(
                List.of(
                        "slipway: Invalid value for option '--timeout': not like 90, 90s, 5m or 1h30m: soon",
                        "Try:     slipway wait --help"),
                wrong("wait", "pod/a", "--timeout=soon"));
        assertEquals(
                "slipway: Invalid value for option '--since': not like 90, 90s, 5m or 1h30m: now",
                wrong("logs", "a", "--since=now").getFirst());
        assertEquals(
                300L,
                SlipwayCommand.commandLine()
                        .parseArgs("logs", "a", "--since=5m")
                        .subcommand()
                        .matchedOptionValue("--since", 0L));
    }

    @Test
    void every_verb_of_the_contract_is_there_and_has_help() {
        for (String verb : List.of(
                "serve",
                "up",
                "apply",
                "diff",
                "delete",
                "get",
                "describe",
                "logs",
                "exec",
                "attach",
                "pause",
                "resume",
                "stop",
                "start",
                "status",
                "kubeconfig",
                "completion")) {
            CommandLine line = SlipwayCommand.commandLine().setOut(new PrintWriter(new StringWriter()));
            assertEquals(0, line.execute(verb, "--help"), verb);
        }
    }

    private static List<String> wrong(String... words) {
        StringWriter err = new StringWriter();
        assertEquals(
                2, SlipwayCommand.commandLine().setErr(new PrintWriter(err)).execute(words));
        return err.toString().lines().toList();
    }
}
