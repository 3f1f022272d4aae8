package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ByteAmounts;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.command.Columns;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.WrongUsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `slipway system`: the host's disk, as far as it is the engine's.
@Command(
        name = "system",
        description = "Say what takes disk space, or free what nobody needs.",
        subcommands = {SystemCommand.DiskUsage.class, SystemCommand.Prune.class})
final class SystemCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new WrongUsageException("say what to do: slipway system df|prune");
    }

    /// A table as the server makes them.
    private static ObjectNode table(String... columns) {
        ObjectNode table = JsonNodeFactory.instance.objectNode();
        ArrayNode definitions = table.putArray("columnDefinitions");
        List.of(columns).forEach(column -> definitions.addObject().put("name", column));
        table.putArray("rows");
        return table;
    }

    private static void row(ObjectNode table, String... cells) {
        ArrayNode row = table.withArray("/rows").addObject().putArray("cells");
        List.of(cells).forEach(row::add);
    }

    private static void print(ObjectNode table) {
        new Columns(false, false, "").lines(table).forEach(System.out::println);
    }

    /// `slipway system df`: what takes space, and what could be freed.
    @Command(name = "df", description = "Say what takes disk space.", mixinStandardHelpOptions = true)
    static final class DiskUsage implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                description = "json for programs.")
        private String output = "";

        @Option(
                names = {"-v", "--verbose"},
                description = "Each image, too.")
        private boolean verbose;

        @Override
        public Integer call() throws IOException {
            WrongUsageException.unless(output.isEmpty() || output.equals("json"), "-o is json: " + output);
            JsonNode report = connection.engine().json("/system/df");
            if (output.equals("json")) {
                System.out.println(report.toPrettyString());
                return 0;
            }
            print(usage(report));
            if (verbose) {
                System.out.println();
                print(images(report));
            }
            JsonNode disk = report.path("fileSystem");
            System.out.printf(
                    "%n%s of %s can still be written (%d %% in use; from %d %% on, unused images go)%n",
                    ByteAmounts.text(disk.path("availableBytes").asLong()),
                    ByteAmounts.text(disk.path("capacityBytes").asLong()),
                    disk.path("usedPercent").asInt(),
                    disk.path("highThresholdPercent").asInt());
            if (disk.has("inodes")) {
                System.out.printf(
                        "%d of %d inodes are free (%d %% in use, of which the same holds)%n",
                        disk.path("inodesFree").asLong(),
                        disk.path("inodes").asLong(),
                        disk.path("inodesUsedPercent").asInt());
            }
            return 0;
        }

        private static ObjectNode usage(JsonNode report) {
            ObjectNode table = table("type", "total", "in-use", "size", "reclaimable");
            for (JsonNode usage : report.path("usage")) {
                row(
                        table,
                        usage.path("kind").asText(),
                        usage.path("count").asText(),
                        usage.path("inUse").asText(),
                        ByteAmounts.text(usage.path("bytes").asLong()),
                        ByteAmounts.text(usage.path("reclaimableBytes").asLong()));
            }
            row(
                    table,
                    "all",
                    "",
                    "",
                    ByteAmounts.text(report.path("bytes").asLong()),
                    ByteAmounts.text(report.path("reclaimableBytes").asLong()));
            return table;
        }

        private static ObjectNode images(JsonNode report) {
            ObjectNode table = table("image", "digest", "size", "unique", "shared", "unused-since");
            for (JsonNode image : report.path("images")) {
                row(
                        table,
                        image.path("names").path(0).asText("<none>"),
                        image.path("digest").asText().replaceFirst("^sha256:(.{12}).*", "$1"),
                        ByteAmounts.text(image.path("bytes").asLong()),
                        ByteAmounts.text(image.path("uniqueBytes").asLong()),
                        ByteAmounts.text(image.path("sharedBytes").asLong()),
                        image.path("unusedSince").asText("<in use>"));
            }
            return table;
        }
    }

    /// `slipway system prune`: frees what nobody needs.
    @Command(
            name = "prune",
            description = "Remove images that nothing needs, manifests of served repositories that no tag leads to, "
                    + "copies of other registries' repositories, and what builds and pulls have left.",
            mixinStandardHelpOptions = true)
    static final class Prune implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Option(names = "--dry-run", description = "Say what would go, and do nothing.")
        private boolean dryRun;

        @Option(names = "--volumes", description = "Anonymous volumes that nothing uses, too; named ones never.")
        private boolean volumes;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                description = "json for programs.")
        private String output = "";

        @Override
        public Integer call() throws IOException {
            WrongUsageException.unless(output.isEmpty() || output.equals("json"), "-o is json: " + output);
            JsonNode pruned = connection
                    .engine()
                    .exchange(
                            "POST",
                            "/system/prune?volumes=%s&dryRun=%s".formatted(volumes, dryRun),
                            EngineClient.Content.NONE);
            if (output.equals("json")) {
                System.out.println(pruned.toPrettyString());
                return 0;
            }
            lines(pruned, dryRun).forEach(System.out::println);
            return 0;
        }

        static List<String> lines(JsonNode pruned, boolean dryRun) {
            String verb = dryRun ? "would remove" : "removed";
            List<String> lines = new ArrayList<>();
            for (JsonNode image : pruned.path("images")) {
                lines.add("%s image %s: %s"
                        .formatted(
                                verb,
                                image.path("name").asText(),
                                image.path("reason").asText()));
            }
            pruned.path("repositories")
                    .forEach(
                            each -> lines.add("%s what nothing needs of repository %s".formatted(verb, each.asText())));
            pruned.path("volumes").forEach(volume -> lines.add(verb + " volume " + volume.asText()));
            if (dryRun && lines.isEmpty()) {
                lines.add("would remove no image, repository or volume");
            }
            if (!dryRun) {
                lines.add("freed " + ByteAmounts.text(pruned.path("freedBytes").asLong()));
            }
            return lines;
        }
    }
}
