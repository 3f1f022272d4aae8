package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/// One build, on one thread. The image stays invisible until every step has worked.
final class Build {
    private static final Logger LOG = Logger.getLogger(Build.class);

    private final Workshop workshop;
    private final StageBuild last;

    Build(Workshop workshop) {
        this.workshop = workshop;
        List<StageBuild> stages = new ArrayList<>();
        int firstStep = 1;
        for (BuildStage stage : workshop.request().stages()) {
            stages.add(new StageBuild(workshop, stage, stages, firstStep));
            firstStep += stage.steps().size();
        }
        last = stages.getLast();
    }

    LocalImage run() throws IOException {
        last.makeWhole();
        List<Descriptor> blobs =
                last.layers().stream().map(StepCache.KnownLayer::blob).toList();
        List<DiffId> diffIds =
                last.layers().stream().map(StepCache.KnownLayer::diffId).toList();
        byte[] config = ImageConfigCodec.write(new ImageConfig(
                last.platform(), null, last.parameters(), diffIds, last.history(), last.author(), List.of()));
        Descriptor configDescriptor = Descriptor.of(MediaType.OCI_CONFIG, config);
        byte[] manifest = ManifestCodec.write(new ImageManifest(configDescriptor, blobs));
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
        Optional<LocalImage> present = workshop.stores().images().find(descriptor.digest());
        if (present.isPresent()
                && present.get().names().containsAll(workshop.request().names())) {
            return present.get();
        }
        return register(configDescriptor, config, descriptor, manifest);
    }

    private LocalImage register(Descriptor configDescriptor, byte[] config, Descriptor descriptor, byte[] manifest)
            throws IOException {
        boolean registered = false;
        try {
            workshop.stores().content().put(configDescriptor, config);
            workshop.stores().content().put(descriptor, manifest);
            LocalImage image = workshop.stores()
                    .images()
                    .register(
                            descriptor,
                            workshop.request().names(),
                            workshop.request().images().values());
            registered = true;
            return image;
        } finally {
            if (!registered) {
                remove(Set.of(configDescriptor.digest(), descriptor.digest()));
            }
        }
    }

    /// Removes what became visible before the build failed, as far as no image has it.
    private void remove(Set<Digest> blobs) {
        try {
            workshop.stores().images().free(blobs);
        } catch (IOException e) {
            // The next start of the engine sweeps it.
            LOG.warnf("part of a failed build stays digests=%s reason=%s", blobs, e.getMessage());
        }
    }
}
