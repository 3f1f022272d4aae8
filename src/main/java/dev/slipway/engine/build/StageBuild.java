package dev.slipway.engine.build;

import dev.slipway.engine.build.Preparations.Prepared;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.HistoryEntry;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.tree.OverlayTree;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One stage: its layers so far, and what it says about running them. For one thread.
///
/// A stage that is only copied from need not be *whole*: that its layers are known by name is enough, until a later
/// step has to be made from them.
final class StageBuild {
    private final Workshop workshop;
    private final BuildStage stage;
    private final List<StageBuild> earlier;
    private final int firstStep;
    private final Preparations preparations;

    private final List<StepCache.KnownLayer> layers = new ArrayList<>();
    private final List<HistoryEntry> history = new ArrayList<>();
    private final Map<String, String> arguments = new HashMap<>();
    private RunParameters parameters = RunParameters.EMPTY;
    private Platform platform = Platform.host();
    private String author = "";
    private boolean evaluated;
    private boolean whole;

    /// @param earlier the stages before this one
    /// @param firstStep the number of its first step, counted from 1 over all stages
    StageBuild(Workshop workshop, BuildStage stage, List<StageBuild> earlier, int firstStep) {
        this.workshop = workshop;
        this.stage = stage;
        this.earlier = List.copyOf(earlier);
        this.firstStep = firstStep;
        this.preparations = new Preparations(workshop);
    }

    /// A layer has to be made and something that is needed for it is only known by name.
    private static final class NotWholeException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    List<StepCache.KnownLayer> layers() {
        return layers;
    }

    List<HistoryEntry> history() {
        return history;
    }

    RunParameters parameters() {
        return parameters;
    }

    String author() {
        return author;
    }

    Platform platform() {
        return platform;
    }

    /// Finds out what the stage is, and makes as little as possible.
    void evaluate() throws IOException {
        if (evaluated) {
            return;
        }
        try {
            run();
        } catch (NotWholeException e) {
            makeWhole();
        }
        evaluated = true;
    }

    /// Makes every layer of it that is not on this host.
    void makeWhole() throws IOException {
        if (whole) {
            return;
        }
        whole = true;
        if (!evaluated || !isHere()) {
            run();
        }
        evaluated = true;
    }

    private boolean isHere() throws IOException {
        for (StepCache.KnownLayer layer : layers) {
            if (!workshop.cache().isHere(layer)) {
                return false;
            }
        }
        return true;
    }

    private void run() throws IOException {
        layers.clear();
        history.clear();
        arguments.clear();
        begin();
        int number = firstStep;
        for (BuildStep step : stage.steps()) {
            workshop.mention(number, step);
            try {
                take(number, step.words(), step);
            } catch (InterruptedIOException | NotWholeException e) {
                throw e;
            } catch (StepFailedException e) {
                throw e;
            } catch (IOException e) {
                throw new StepFailedException(number, step, e);
            }
            number++;
        }
    }

    private void begin() throws IOException {
        switch (stage.base()) {
            case StageOrigin.Scratch scratch -> parameters = RunParameters.EMPTY;
            case StageOrigin.Image image -> begin(workshop.request().image(image.name()));
            case StageOrigin.Stage other -> {
                StageBuild base = stage(other);
                layers.addAll(base.layers);
                history.addAll(base.history);
                parameters = base.parameters;
                platform = base.platform;
                author = base.author;
            }
        }
    }

    private void begin(LocalImage base) {
        parameters = base.config().parameters();
        platform = base.config().platform();
        author = base.config().author();
        history.addAll(base.config().history());
        for (int i = 0; i < base.layers().size(); i++) {
            layers.add(new StepCache.KnownLayer(
                    ociLayer(base.manifest().layers().get(i)), base.layers().get(i)));
        }
    }

    private StageBuild stage(StageOrigin.Stage other) throws IOException {
        StageBuild build = earlier.get(other.number());
        if (whole) {
            build.makeWhole();
        } else {
            build.evaluate();
        }
        return build;
    }

    private void take(int number, String words, BuildStep step) throws IOException {
        switch (step) {
            case BuildStep.Configure change -> {
                parameters = Parameters.changed(parameters, change);
                history.add(HistoryEntry.of(words, true));
            }
            case BuildStep.EnterDirectory enter -> {
                parameters = Parameters.changed(parameters, enter.config());
                layer(number, words, List.of(enter.made()));
            }
            case BuildStep.Arguments further -> arguments.putAll(further.values());
            case BuildStep.Deferred deferred -> take(number, words, deferred.resolved(arguments, parameters));
            case BuildStep.Layer several -> layer(number, words, several.actions());
            case BuildStep.Action action -> layer(number, words, List.of(action));
        }
    }

    private void layer(int number, String words, List<BuildStep.Action> actions) throws IOException {
        Optional<StepCache.KnownLayer> known = known(prepare(actions, false));
        StepCache.KnownLayer layer = known.isPresent() ? known.get() : made(number, words, actions);
        workshop.use(layer);
        layers.add(layer);
        history.add(HistoryEntry.of(words, false));
    }

    private List<Prepared> prepare(List<BuildStep.Action> actions, boolean toMake) throws IOException {
        List<Prepared> prepared = new ArrayList<>();
        for (int i = 0; i < actions.size(); i++) {
            BuildStep.Action action = actions.get(i);
            doing(
                    actions,
                    i,
                    () -> prepared.add(preparations.prepare(action, parameters, image -> source(image, toMake))));
        }
        return prepared;
    }

    private interface Doing {
        void run() throws IOException;
    }

    /// Does one of the actions of a step; where there are several, a failure says which.
    private static void doing(List<BuildStep.Action> actions, int index, Doing doing) throws IOException {
        try {
            doing.run();
        } catch (InterruptedIOException | NotWholeException | StepFailedException e) {
            throw e;
        } catch (IOException e) {
            if (actions.size() == 1) {
                throw e;
            }
            String words = actions.get(index).words();
            throw new IOException(
                    "action %d of %d (%s): %s"
                            .formatted(index + 1, actions.size(), words, StepFailedException.words(e)),
                    e);
        }
    }

    private Digest key(List<Prepared> actions) {
        StepKey key = new StepKey(diffIds(layers));
        actions.forEach(action -> action.addTo(key));
        return key.end();
    }

    private Optional<StepCache.KnownLayer> known(List<Prepared> actions) throws IOException {
        Optional<StepCache.KnownLayer> known =
                workshop.request().useCache() ? workshop.cache().find(key(actions)) : Optional.empty();
        return known.isPresent() && whole && !workshop.cache().isHere(known.get()) ? Optional.empty() : known;
    }

    private StepCache.KnownLayer made(int number, String words, List<BuildStep.Action> actions) throws IOException {
        if (!whole && !isHere()) {
            throw new NotWholeException();
        }
        // What is copied from may have become another image by being made again.
        List<Prepared> prepared = prepare(actions, true);
        Optional<StepCache.KnownLayer> known = known(prepared);
        if (known.isPresent() && workshop.cache().isHere(known.get())) {
            return known.get();
        }
        workshop.begin(number, words);
        try (LayerInMaking making = new LayerInMaking(workshop.stores())) {
            make(actions, prepared, making.directory());
            StepCache.KnownLayer layer = making.commit();
            workshop.use(layer);
            workshop.cache().put(key(prepared), layer);
            workshop.countMade();
            return layer;
        }
    }

    private void make(List<BuildStep.Action> actions, List<Prepared> prepared, Path difference) throws IOException {
        List<Path> below = directories(diffIds(layers));
        doing(actions, 0, () -> prepared.getFirst().make(difference, below));
        for (int i = 1; i < prepared.size(); i++) {
            Prepared further = prepared.get(i);
            List<Path> lowers = new ArrayList<>(List.of(difference));
            lowers.addAll(below);
            try (LayerInMaking part = new LayerInMaking(workshop.stores())) {
                doing(actions, i, () -> further.make(part.directory(), lowers));
                new OverlayTree().merge(part.directory(), difference);
            }
        }
        if (prepared.size() > 1 || prepared.getFirst().isUntidy()) {
            new OverlayTree().tidy(difference, below);
        }
    }

    private List<Path> directories(List<DiffId> ids) throws IOException {
        return ids.isEmpty() ? List.of() : workshop.stores().snapshots().lowers(ids);
    }

    private Preparations.Source source(StageOrigin image, boolean toMake) throws IOException {
        return switch (image) {
            case StageOrigin.Scratch scratch -> new Preparations.Source(List.of(), List.of());
            case StageOrigin.Image other -> {
                List<DiffId> ids = workshop.request().image(other.name()).layers();
                yield new Preparations.Source(ids, directories(ids));
            }
            case StageOrigin.Stage other -> {
                StageBuild build = earlier.get(other.number());
                build.evaluate();
                if (toMake) {
                    build.makeWhole();
                }
                List<DiffId> ids = diffIds(build.layers);
                yield new Preparations.Source(ids, toMake ? directories(ids) : List.of());
            }
        };
    }

    private static List<DiffId> diffIds(List<StepCache.KnownLayer> layers) {
        return layers.stream().map(StepCache.KnownLayer::diffId).toList();
    }

    /// The bytes of Docker's layers are those of OCI's; a manifest shall not mix the names.
    static Descriptor ociLayer(Descriptor layer) {
        MediaType type = layer.mediaType();
        MediaType oci = type.equals(MediaType.DOCKER_LAYER_GZIP)
                ? MediaType.OCI_LAYER_GZIP
                : type.equals(MediaType.DOCKER_LAYER) ? MediaType.OCI_LAYER : type;
        return new Descriptor(oci, layer.digest(), layer.sizeBytes());
    }
}
