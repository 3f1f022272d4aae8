package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerPacker;
import dev.slipway.engine.layer.LayerUnpacker;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.HistoryEntry;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.tree.OverlayTree;
import dev.slipway.engine.tree.TreeWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Makes an image of what a container has written, on top of the image that it runs from.
///
/// Its pod is frozen while that is read, so that the image is of one moment: files that grow meanwhile could not be
/// packed, and those that belong together would not fit. Compressing it, which takes longer, lets it go on.
///
/// @param base the container's image
/// @param container its layer is one that is kept
record ContainerCommit(ImageBuilder.Stores stores, ContainerRuntime runtime, LocalImage base, ContainerName container) {
    /// @param words what the history of the image says of the layer
    /// @param names names that the image gets
    /// @throws IOException also when the container has no layer, or is stopped while it is read
    LocalImage run(String words, Set<Reference> names) throws IOException {
        Path written =
                runtime.kept(container).orElseThrow(() -> new IOException("the container has no layer of its own yet"));
        List<Path> below =
                base.layers().isEmpty() ? List.of() : stores.snapshots().lowers(base.layers());
        try (LayerInMaking making = new LayerInMaking(stores)) {
            copy(written, making.directory());
            new OverlayTree().tidy(making.directory(), below);
            return image(making.commit(), words, names);
        }
    }

    /// By way of an archive, which says everything of a tree that a layer can hold.
    private void copy(Path written, Path difference) throws IOException {
        Path archive = Files.createTempFile(difference.resolveSibling(""), "written", ".tar");
        try {
            runtime.whileFrozen(container.pod()::equals, () -> {
                try (OutputStream out = Files.newOutputStream(archive)) {
                    LayerPacker.pack(written, out, TreeWriter.AGE, stores.limits());
                }
            });
            try (InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
                LayerUnpacker.unpack(in, difference, stores.limits());
            }
        } finally {
            Files.delete(archive);
        }
    }

    private LocalImage image(StepCache.KnownLayer layer, String words, Set<Reference> names) throws IOException {
        List<DiffId> diffIds = new ArrayList<>(base.layers());
        diffIds.add(layer.diffId());
        List<HistoryEntry> history = new ArrayList<>(base.config().history());
        history.add(HistoryEntry.of(words, false));
        List<Descriptor> blobs = new ArrayList<>();
        base.manifest().layers().forEach(blob -> blobs.add(StageBuild.ociLayer(blob)));
        blobs.add(layer.blob());
        ImageConfig below = base.config();
        byte[] config = ImageConfigCodec.write(new ImageConfig(
                below.platform(), null, below.parameters(), diffIds, history, below.author(), List.of()));
        Descriptor configBlob = Descriptor.of(MediaType.OCI_CONFIG, config);
        byte[] manifest = ManifestCodec.write(new ImageManifest(configBlob, blobs));
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
        boolean registered = false;
        try {
            stores.content().put(configBlob, config);
            stores.content().put(descriptor, manifest);
            LocalImage image = stores.images().register(descriptor, names, List.of(base));
            registered = true;
            return image;
        } finally {
            if (!registered) {
                Set<Digest> brought = Set.of(
                        layer.blob().digest(), layer.diffId().digest(), configBlob.digest(), descriptor.digest());
                stores.images().free(brought);
            }
        }
    }
}
