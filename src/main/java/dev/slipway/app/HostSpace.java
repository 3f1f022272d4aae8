package dev.slipway.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.space.CollectionSettings;
import dev.slipway.actor.space.ImageCollector;
import dev.slipway.actor.space.Removal;
import dev.slipway.actor.space.SpacePruning;
import dev.slipway.actor.space.SpaceReport;
import dev.slipway.actor.space.SpaceReport.ImageUsage;
import dev.slipway.actor.space.SpaceReport.Usage;
import dev.slipway.actor.space.SpaceSurvey;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.door.health.Metric;
import dev.slipway.door.health.SystemSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Shows what takes space, and frees what nobody needs.
record HostSpace(SpaceSurvey survey, SpacePruning pruning, ImageCollector collector) implements SystemSpace {
    @Override
    public ObjectNode usage() throws IOException {
        SpaceReport report = survey.report();
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.set("fileSystem", fileSystem(report.fileSystem(), report.settings()));
        document.put("bytes", report.bytes()).put("reclaimableBytes", report.reclaimableBytes());
        ArrayNode usages = document.putArray("usage");
        for (Usage usage : report.usages()) {
            usages.addObject()
                    .put("kind", usage.kind())
                    .put("count", usage.count())
                    .put("inUse", usage.inUse())
                    .put("bytes", usage.bytes())
                    .put("reclaimableBytes", usage.reclaimableBytes());
        }
        ArrayNode images = document.putArray("images");
        report.images().forEach(image -> add(images.addObject(), image));
        return document;
    }

    private static ObjectNode fileSystem(FileSystemSpace space, CollectionSettings settings) {
        ObjectNode document = JsonNodeFactory.instance
                .objectNode()
                .put("capacityBytes", space.capacityBytes())
                .put("availableBytes", space.availableBytes())
                .put("usedPercent", space.usedPercent())
                .put("highThresholdPercent", settings.highThresholdPercent())
                .put("lowThresholdPercent", settings.lowThresholdPercent());
        if (space.inodes().areCounted()) {
            document.put("inodes", space.inodes().all())
                    .put("inodesFree", space.inodes().free())
                    .put("inodesUsedPercent", space.inodes().usedPercent());
        }
        return document;
    }

    private static void add(ObjectNode entry, ImageUsage image) {
        entry.put("digest", image.digest());
        ArrayNode names = entry.putArray("names");
        image.names().forEach(names::add);
        entry.put("bytes", image.bytes())
                .put("uniqueBytes", image.uniqueBytes())
                .put("sharedBytes", image.sharedBytes());
        image.unusedSince().ifPresent(since -> entry.put("unusedSince", Timestamps.seconds(since)));
    }

    @Override
    public ObjectNode prune(boolean withVolumes, boolean dryRun) throws IOException, InterruptedException {
        SpacePruning.Pruned pruned = dryRun ? pruning.wouldGo(withVolumes) : pruning.prune(withVolumes);
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("dryRun", dryRun).put("freedBytes", pruned.freedBytes());
        ArrayNode images = document.putArray("images");
        for (Removal removal : pruned.images()) {
            images.addObject()
                    .put("name", removal.image())
                    .put("bytes", removal.bytes())
                    .put("reason", removal.words());
        }
        ArrayNode repositories = document.putArray("repositories");
        pruned.repositories().forEach(repositories::add);
        ArrayNode volumes = document.putArray("volumes");
        pruned.volumes().forEach(volumes::add);
        return document;
    }

    /// How full the file system is, and what went for what cause. Walks through nothing.
    List<Metric> metrics() {
        FileSystemSpace space;
        try {
            space = collector.space();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Metric> metrics = new ArrayList<>(List.of(
                Metric.gauge(
                        "slipway_filesystem_capacity_bytes",
                        "Size of the file system of images and volumes.",
                        space.capacityBytes()),
                Metric.gauge(
                        "slipway_filesystem_available_bytes",
                        "What can still be written to it.",
                        space.availableBytes())));
        if (space.inodes().areCounted()) {
            metrics.add(Metric.gauge(
                    "slipway_filesystem_inodes",
                    "Files and directories of which that file system can consist.",
                    space.inodes().all()));
            metrics.add(Metric.gauge(
                    "slipway_filesystem_inodes_free",
                    "How many more can be made in it.",
                    space.inodes().free()));
        }
        collector.collected().forEach((cause, collected) -> {
            metrics.add(
                    Metric.counter("slipway_images_collected_total", "Images removed because nobody needed them.", 0)
                            .with("reason", cause)
                            .at(collected.images()));
            metrics.add(Metric.counter("slipway_images_collected_bytes_total", "What that freed.", 0)
                    .with("reason", cause)
                    .at(collected.bytes()));
        });
        return metrics;
    }
}
