package dev.slipway.engine.oci;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Image configurations as bytes and back, in the form that OCI and Docker share.
public final class ImageConfigCodec {
    /// A config may have this many bytes.
    public static final int LARGEST_BYTES = Document.LARGEST_BYTES;

    private ImageConfigCodec() {}

    /// Reads what a registry or a file gave.
    public static ImageConfig parse(byte[] bytes) throws MalformedDocumentException {
        Document document = Document.parse(bytes, "config");
        Document run = document.object("config");
        return new ImageConfig(
                new Platform(
                        document.requiredText("os"), document.requiredText("architecture"), document.text("variant")),
                document.instant("created"),
                run == null ? RunParameters.EMPTY : parameters(run),
                diffIds(document.requiredObject("rootfs")),
                history(document),
                document.text("author"),
                run == null ? List.of() : run.texts("OnBuild"));
    }

    /// The bytes of `config`: the same value gives the same bytes.
    public static byte[] write(ImageConfig config) {
        ObjectNode node = Document.MAPPER.createObjectNode();
        putInstant(node, config.created());
        putText(node, "author", config.author());
        ManifestCodec.putPlatform(node, config.platform());
        ObjectNode run = node.putObject("config");
        putParameters(run, config.parameters());
        putTexts(run, "OnBuild", config.triggers());
        ObjectNode rootfs = node.putObject("rootfs");
        rootfs.put("type", "layers");
        var diffIds = rootfs.putArray("diff_ids");
        config.diffIds().forEach(layer -> diffIds.add(layer.toString()));
        if (!config.history().isEmpty()) {
            var history = node.putArray("history");
            config.history().forEach(entry -> history.add(tree(entry)));
        }
        return ManifestCodec.bytes(node);
    }

    private static RunParameters parameters(Document run) throws MalformedDocumentException {
        Document healthcheck = run.object("Healthcheck");
        return new RunParameters(
                run.texts("Env"),
                run.texts("Entrypoint"),
                run.texts("Cmd"),
                run.text("WorkingDir"),
                run.text("User"),
                run.keys("Volumes"),
                run.text("StopSignal"),
                run.keys("ExposedPorts"),
                run.textMap("Labels"),
                healthcheck == null ? null : healthcheck(healthcheck),
                run.texts("Shell"));
    }

    private static Healthcheck healthcheck(Document document) throws MalformedDocumentException {
        return new Healthcheck(
                document.texts("Test"),
                nanos(document, "Interval"),
                nanos(document, "Timeout"),
                nanos(document, "StartPeriod"),
                nanos(document, "StartInterval"),
                Math.clamp(document.number("Retries"), 0, Integer.MAX_VALUE));
    }

    private static Duration nanos(Document document, String member) throws MalformedDocumentException {
        return Duration.ofNanos(Math.max(0, document.number(member)));
    }

    private static List<DiffId> diffIds(Document rootfs) throws MalformedDocumentException {
        if (!rootfs.text("type").equals("layers")) {
            throw new MalformedDocumentException(rootfs.path("type") + " is not \"layers\"");
        }
        List<DiffId> found = new ArrayList<>();
        for (String text : rootfs.texts("diff_ids")) {
            found.add(new DiffId(Document.digestOf(text, rootfs.path("diff_ids"))));
        }
        return found;
    }

    private static List<HistoryEntry> history(Document document) throws MalformedDocumentException {
        List<HistoryEntry> found = new ArrayList<>();
        for (Document entry : document.objects("history")) {
            found.add(new HistoryEntry(
                    entry.instant("created"),
                    entry.text("created_by"),
                    entry.text("author"),
                    entry.text("comment"),
                    entry.flag("empty_layer")));
        }
        return found;
    }

    private static void putParameters(ObjectNode node, RunParameters run) {
        putTexts(node, "Env", run.env());
        putTexts(node, "Entrypoint", run.entrypoint());
        putTexts(node, "Cmd", run.cmd());
        putText(node, "WorkingDir", run.workingDir());
        putText(node, "User", run.user());
        putSet(node, "Volumes", run.volumes());
        putText(node, "StopSignal", run.stopSignal());
        putSet(node, "ExposedPorts", run.exposedPorts());
        if (!run.labels().isEmpty()) {
            ObjectNode labels = node.putObject("Labels");
            run.labels().forEach(labels::put);
        }
        Healthcheck healthcheck = run.healthcheck();
        if (healthcheck != null) {
            putHealthcheck(node.putObject("Healthcheck"), healthcheck);
        }
        putTexts(node, "Shell", run.shell());
    }

    private static void putHealthcheck(ObjectNode node, Healthcheck healthcheck) {
        putTexts(node, "Test", healthcheck.test());
        node.put("Interval", healthcheck.interval().toNanos());
        node.put("Timeout", healthcheck.timeout().toNanos());
        node.put("StartPeriod", healthcheck.startPeriod().toNanos());
        if (healthcheck.startInterval().isPositive()) {
            node.put("StartInterval", healthcheck.startInterval().toNanos());
        }
        node.put("Retries", healthcheck.retries());
    }

    private static ObjectNode tree(HistoryEntry entry) {
        ObjectNode node = Document.MAPPER.createObjectNode();
        putInstant(node, entry.created());
        putText(node, "created_by", entry.createdBy());
        putText(node, "author", entry.author());
        putText(node, "comment", entry.comment());
        if (entry.emptyLayer()) {
            node.put("empty_layer", true);
        }
        return node;
    }

    private static void putInstant(ObjectNode node, @Nullable Instant created) {
        if (created != null) {
            node.put("created", created.toString());
        }
    }

    private static void putText(ObjectNode node, String member, String value) {
        if (!value.isEmpty()) {
            node.put(member, value);
        }
    }

    private static void putTexts(ObjectNode node, String member, List<String> values) {
        if (!values.isEmpty()) {
            var array = node.putArray(member);
            values.forEach(array::add);
        }
    }

    private static void putSet(ObjectNode node, String member, Collection<String> values) {
        if (!values.isEmpty()) {
            ObjectNode members = node.putObject(member);
            values.forEach(members::putObject);
        }
    }
}
