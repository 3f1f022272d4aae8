package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.HistoryEntry;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/// One build, on one thread. What it makes stays invisible until every step has worked.
final class Build implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Build.class);

    private final ImageBuilder.Stores stores;
    private final StepCache cache;
    private final FileFacts facts;
    private final BuildRequest request;

    private final Map<String, SourceTree> sources = new HashMap<>();
    private final List<Layer> layers = new ArrayList<>();
    private final List<HistoryEntry> history = new ArrayList<>();
    private RunParameters parameters = RunParameters.EMPTY;

    Build(ImageBuilder.Stores stores, StepCache cache, FileFacts facts, BuildRequest request) {
        this.stores = stores;
        this.cache = cache;
        this.facts = facts;
        this.request = request;
    }

    /// A layer of the image that is being built.
    sealed interface Layer {
        DiffId diffId();

        record Here(Descriptor blob, DiffId diffId) implements Layer {}

        record Made(Digest key, LayerInMaking making) implements Layer {
            @Override
            public DiffId diffId() {
                return making.diffId();
            }
        }
    }

    LocalImage run(BuildProgress progress) throws IOException {
        begin();
        List<BuildStep> steps = request.steps();
        for (int number = 1; number <= steps.size(); number++) {
            BuildStep step = steps.get(number - 1);
            progress.at(number, steps.size());
            try {
                take(step);
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException("step %d (%s): %s".formatted(number, step.words(), words(e)), e);
            }
        }
        return finish();
    }

    int layersMade() {
        return (int) layers.stream().filter(Layer.Made.class::isInstance).count();
    }

    private void begin() {
        LocalImage base = request.base();
        if (base == null) {
            return;
        }
        parameters = base.config().parameters();
        history.addAll(base.config().history());
        for (int i = 0; i < base.layers().size(); i++) {
            layers.add(new Layer.Here(
                    ociLayer(base.manifest().layers().get(i)), base.layers().get(i)));
        }
    }

    private void take(BuildStep step) throws IOException {
        switch (step) {
            case BuildStep.Configure change -> {
                parameters = Parameters.changed(parameters, change);
                history.add(new HistoryEntry(null, step.words(), "", true));
            }
            case BuildStep.CopyFromHost copy -> {
                Selection selection = HostSelection.of(copy, new SourceWalk(source("/"), facts));
                StepKey key = key("copyFromHost");
                selection.addTo(key);
                layer(step, key, plan -> new Placement(selection, plan).run());
            }
            case BuildStep.CopyText copy -> {
                TreeNode file = new TreeNode.File(TreeNode.Content.Text.of(copy.content()), copy.mode(), copy.owner());
                StepKey key = key("copyText").add(copy.to()).add(copy.content());
                key.add("mode", copy.mode())
                        .add("uid", copy.owner().uid())
                        .add("gid", copy.owner().gid());
                layer(step, key, plan -> ContextSelection.putFile(copy.to(), file, plan));
            }
            case BuildStep.CopyFromContext copy -> {
                Selection selection = ContextSelection.of(copy, new SourceWalk(source(copy.context()), facts));
                StepKey key = key("copy").add(copy.to());
                selection.addTo(key);
                layer(step, key, plan -> ContextSelection.place(copy, selection, plan));
            }
        }
    }

    private StepKey key(String kind) {
        return new StepKey(layers.stream().map(Layer::diffId).toList()).add(kind);
    }

    private SourceTree source(String directory) throws IOException {
        SourceTree known = sources.get(directory);
        if (known != null) {
            return known;
        }
        SourceTree opened = SourceTree.of(directory);
        sources.put(directory, opened);
        return opened;
    }

    /// Puts files into the plan of a layer.
    private interface Placing {
        void into(LayerPlan plan) throws IOException;
    }

    private void layer(BuildStep step, StepKey hash, Placing placing) throws IOException {
        Digest key = hash.end();
        Optional<StepCache.KnownLayer> known = cache.find(key);
        layers.add(
                known.isPresent()
                        ? new Layer.Here(known.get().blob(), known.get().diffId())
                        : new Layer.Made(key, made(placing)));
        history.add(new HistoryEntry(null, step.words(), "", false));
    }

    private LayerInMaking made(Placing placing) throws IOException {
        try (ImageView below = ImageView.open(directories())) {
            LayerPlan plan = new LayerPlan(below);
            placing.into(plan);
            return LayerInMaking.of(plan.complete(), stores.snapshots(), stores.content());
        }
    }

    /// The trees of all layers so far, topmost first.
    private List<Path> directories() throws IOException {
        List<Path> directories = new ArrayList<>();
        List<DiffId> run = new ArrayList<>();
        for (Layer layer : layers) {
            switch (layer) {
                case Layer.Here here -> run.add(here.diffId());
                case Layer.Made made -> {
                    directories.addAll(0, lowers(run));
                    run.clear();
                    directories.addFirst(made.making().directory());
                }
            }
        }
        directories.addAll(0, lowers(run));
        return directories;
    }

    private List<Path> lowers(List<DiffId> run) throws IOException {
        return run.isEmpty() ? List.of() : stores.snapshots().lowers(run);
    }

    /// Makes all of it visible, unless it is already.
    private LocalImage finish() throws IOException {
        Set<Digest> committed = new HashSet<>();
        boolean registered = false;
        try {
            List<Descriptor> blobs = new ArrayList<>();
            for (Layer layer : layers) {
                blobs.add(
                        switch (layer) {
                            case Layer.Here here -> here.blob();
                            case Layer.Made made -> commit(made, committed);
                        });
            }
            LocalImage image = image(blobs, committed);
            registered = true;
            return image;
        } finally {
            if (!registered) {
                remove(committed);
            }
        }
    }

    private Descriptor commit(Layer.Made made, Set<Digest> committed) throws IOException {
        committed.add(made.diffId().digest());
        StepCache.KnownLayer layer = made.making().commit();
        committed.add(layer.blob().digest());
        cache.put(made.key(), layer);
        return layer.blob();
    }

    private LocalImage image(List<Descriptor> blobs, Set<Digest> committed) throws IOException {
        LocalImage base = request.base();
        Platform platform = base == null ? Platform.host() : base.config().platform();
        List<DiffId> diffIds = layers.stream().map(Layer::diffId).toList();
        byte[] config = ImageConfigCodec.write(new ImageConfig(platform, null, parameters, diffIds, history));
        Descriptor configDescriptor = Descriptor.of(MediaType.OCI_CONFIG, config);
        byte[] manifest = ManifestCodec.write(new ImageManifest(configDescriptor, blobs));
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
        Optional<LocalImage> present = stores.images().find(descriptor.digest());
        if (present.isPresent() && present.get().names().containsAll(request.names())) {
            return present.get();
        }
        committed.add(configDescriptor.digest());
        committed.add(descriptor.digest());
        stores.content().put(configDescriptor, config);
        stores.content().put(descriptor, manifest);
        return stores.images().register(descriptor, request.names());
    }

    /// Removes what became visible before the build failed, as far as no image has it.
    private void remove(Set<Digest> committed) {
        Set<Digest> needed = new HashSet<>();
        for (LocalImage image : stores.images().list()) {
            needed.add(image.digest());
            needed.add(image.manifest().config().digest());
            image.manifest().layers().forEach(layer -> needed.add(layer.digest()));
            image.layers().forEach(layer -> needed.add(layer.digest()));
        }
        for (Digest digest : committed) {
            try {
                if (!needed.contains(digest)) {
                    stores.content().delete(digest);
                    stores.snapshots().removeLayer(new DiffId(digest));
                }
            } catch (IOException e) {
                // The next start of the engine sweeps it.
                LOG.warnf("part of a failed build stays digest=%s reason=%s", digest, e.getMessage());
            }
        }
    }

    /// The bytes of Docker's layers are those of OCI's; a manifest shall not mix the names.
    private static Descriptor ociLayer(Descriptor layer) {
        MediaType type = layer.mediaType();
        MediaType oci = type.equals(MediaType.DOCKER_LAYER_GZIP)
                ? MediaType.OCI_LAYER_GZIP
                : type.equals(MediaType.DOCKER_LAYER) ? MediaType.OCI_LAYER : type;
        return new Descriptor(oci, layer.digest(), layer.sizeBytes());
    }

    private static String words(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Layer layer : layers) {
            if (layer instanceof Layer.Made made) {
                try {
                    made.making().close();
                } catch (IOException e) {
                    failure = e;
                }
            }
        }
        sources.values().forEach(SourceTree::close);
        if (failure != null) {
            throw failure;
        }
    }
}
