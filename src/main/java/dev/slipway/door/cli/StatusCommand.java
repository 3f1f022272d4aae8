package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.PrintableText;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.WrongUsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `slipway status`: is this host as declared; if not, what, why, and since when. Exit code 1 when it is not.
@Command(name = "status", description = "Say whether this host is as declared (exit code 1 if not).")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "json for programs.")
    private String output = "";

    @Override
    public Integer call() throws IOException {
        WrongUsageException.unless(output.isEmpty() || output.equals("json"), "-o is json: " + output);
        JsonNode status = connection.engine().json("/status");
        boolean asDeclared = status.path("asDeclared").asBoolean();
        if (output.equals("json")) {
            System.out.println(status.toPrettyString());
            return asDeclared ? 0 : 1;
        }
        lines(status).forEach(System.out::println);
        return asDeclared ? 0 : 1;
    }

    /// What people read. Names are of files, too, and files may have any.
    static List<String> lines(JsonNode status) {
        List<String> lines = new ArrayList<>();
        lines.add(
                status.path("asDeclared").asBoolean()
                        ? "as declared: %d objects"
                                .formatted(status.path("objects").asLong())
                        : "NOT as declared:");
        for (JsonNode problem : status.path("problems")) {
            lines.add("  %s: %s, since %s"
                    .formatted(
                            PrintableText.line(problem.path("object").asText()),
                            problem.path("reason").asText(),
                            problem.path("since").asText()));
            lines.add("      " + PrintableText.line(problem.path("message").asText()));
        }
        for (JsonNode rest : status.path("atRest")) {
            lines.add("  %s: %s, as declared"
                    .formatted(
                            PrintableText.line(rest.path("object").asText()),
                            rest.path("state").asText()));
        }
        return lines;
    }
}
