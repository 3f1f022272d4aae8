package dev.slipway.engine.build;

import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.tree.FileOwner;
import dev.slipway.engine.tree.IgnoreRules;
import dev.slipway.engine.tree.ImagePath;
import dev.slipway.engine.tree.ImageView;
import dev.slipway.engine.tree.LayerPlan;
import dev.slipway.engine.tree.SourceTree;
import dev.slipway.engine.tree.SourceWalk;
import dev.slipway.engine.tree.TreeNode;
import dev.slipway.engine.tree.TreeWriter;
import dev.slipway.engine.tree.Wildcards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/// Looks up what an action needs: reads contexts and the host, and does not yet make anything. For one thread.
final class Preparations {
    private static final String ROOT = "0:0";

    private final Workshop workshop;

    Preparations(Workshop workshop) {
        this.workshop = workshop;
    }

    /// An action of which everything is known that decides what it makes.
    interface Prepared {
        /// Adds that to a key.
        void addTo(StepKey key);

        /// Makes the difference to `lowers` in an empty directory, with the marks of overlayfs.
        ///
        /// @param lowers what is below, topmost first
        void make(Path difference, List<Path> lowers) throws IOException;

        /// Whether the difference may have what makes none.
        boolean isUntidy();
    }

    /// Layers that a copy step takes from.
    ///
    /// @param ids what they are, bottom first
    record Source(List<DiffId> ids, List<Path> directories) {}

    /// @param parameters as they are when the action begins
    /// @param sources finds the layers of another image
    Prepared prepare(BuildStep.Action action, RunParameters parameters, Sources sources) throws IOException {
        return switch (action) {
            case BuildStep.CopyFromHost copy -> fromHost(copy);
            case BuildStep.CopyText copy -> text(copy, Target.of(copy.to(), copy.owner(), parameters));
            case BuildStep.MakeDirectory made -> directory(made);
            case BuildStep.Add add ->
                added(add, Target.of(add.files().to(), add.files().owner(), parameters));
            case BuildStep.Copy copy ->
                switch (copy.source()) {
                    case CopySource.Context context ->
                        fromContext(copy, context, Target.of(copy.to(), copy.owner(), parameters));
                    case CopySource.Image image ->
                        new ImageCopy(copy, sources.of(image.image()), Target.of(copy.to(), copy.owner(), parameters));
                };
            case BuildStep.Remove remove -> new Removal(remove);
            case BuildStep.Run run -> new Execution(run, parameters, workshop);
        };
    }

    interface Sources {
        Source of(StageOrigin image) throws IOException;
    }

    /// Puts files into the plan of a layer.
    private interface Placing {
        void into(LayerPlan plan, List<Path> lowers) throws IOException;
    }

    private interface Hashing {
        void into(StepKey key);
    }

    /// Where files are put.
    ///
    /// @param owner of them and of directories that are made for them, as in [BuildStep.Copy]
    /// @param promised as much of the working directory as is on the way: the image will have it
    private record Target(String to, String owner, String promised) {
        static Target of(String to, String owner, RunParameters parameters) {
            return new Target(to, owner, ImagePath.shared(to, parameters.workingDir()));
        }

        void addTo(StepKey key) {
            key.add(to).add(owner);
            if (!owner.isEmpty() && !owner.equals(ROOT)) {
                key.add("owns directories on the way");
            }
            if (!promised.isEmpty()) {
                key.add("promised").add(promised);
            }
        }
    }

    /// Files that are chosen already, and are only written.
    private record Written(Hashing hashing, String promised, Placing placing) implements Prepared {
        @Override
        public void addTo(StepKey key) {
            hashing.into(key);
        }

        @Override
        public void make(Path difference, List<Path> lowers) throws IOException {
            write(placing, promised, difference, lowers);
        }

        @Override
        public boolean isUntidy() {
            return false;
        }
    }

    private static void write(Placing placing, String promised, Path difference, List<Path> lowers) throws IOException {
        try (ImageView below = ImageView.open(lowers)) {
            LayerPlan plan = new LayerPlan(below, promised);
            placing.into(plan, lowers);
            TreeWriter.write(plan.complete(), difference);
        }
    }

    private Prepared fromHost(BuildStep.CopyFromHost copy) throws IOException {
        Selection selection = HostSelection.of(copy, new SourceWalk(workshop.directory("/"), workshop.facts()));
        return new Written(
                key -> selection.addTo(key.add("copyFromHost")), "", (plan, lowers) -> selection.place(plan));
    }

    private static Prepared text(BuildStep.CopyText copy, Target target) {
        return new Written(
                key -> {
                    target.addTo(key.add("copyText"));
                    key.add(copy.content()).add("mode", copy.mode());
                },
                target.promised(),
                (plan, lowers) -> {
                    FileOwner owner = Objects.requireNonNullElse(Owners.resolve(copy.owner(), lowers), FileOwner.ROOT);
                    TreeNode file = new TreeNode.File(TreeNode.Content.Text.of(copy.content()), copy.mode(), owner);
                    CopySelection.putFile(copy.to(), file, owner, plan);
                });
    }

    private static Prepared directory(BuildStep.MakeDirectory made) {
        return new Written(
                key -> key.add("directory").add(made.path()).add(made.user()),
                "",
                (plan, lowers) -> plan.directory(made.path(), Owners.ofUser(made.user(), lowers)));
    }

    private CopySelection select(BuildStep.Copy copy, CopySource.Context context) throws IOException {
        SourceTree tree = workshop.directory(context.directory());
        IgnoreRules ignored = workshop.ignored(context.directory());
        return CopySelection.of(copy, new SourceWalk(tree, workshop.facts()), ignored);
    }

    private Prepared added(BuildStep.Add add, Target target) throws IOException {
        if (add.files().source() instanceof CopySource.Context context) {
            return new Addition(add, select(add.files(), context), target, workshop.stores());
        }
        throw new IllegalArgumentException("files are added from a context only");
    }

    private Prepared fromContext(BuildStep.Copy copy, CopySource.Context context, Target target) throws IOException {
        CopySelection selection = select(copy, context);
        return new Written(
                key -> {
                    target.addTo(key.add("copy"));
                    selection.addTo(key);
                },
                target.promised(),
                (plan, lowers) -> {
                    FileOwner owner = Owners.resolve(copy.owner(), lowers);
                    selection.place(copy.to(), owner, plan);
                });
    }

    /// What of the files is an archive is looked up only to make a layer: the key has their content.
    private record Addition(BuildStep.Add add, CopySelection selection, Target target, ImageBuilder.Stores stores)
            implements Prepared {
        @Override
        public void addTo(StepKey key) {
            target.addTo(key.add("add"));
            selection.addTo(key.add(add.owner()));
        }

        @Override
        public void make(Path difference, List<Path> lowers) throws IOException {
            String to = target.to();
            FileOwner owner = Owners.resolve(target.owner(), lowers);
            FileOwner ofArchives = Owners.resolve(add.owner(), lowers);
            try (UnpackedArchives archives = new UnpackedArchives(stores)) {
                write(
                        (plan, below) -> selection.place(
                                to, owner, plan, (name, file) -> archives.place(name, file, ofArchives, to, plan)),
                        target.promised(),
                        difference,
                        lowers);
            }
        }

        /// An archive may describe directories as the image has them.
        @Override
        public boolean isUntidy() {
            return true;
        }
    }

    /// What the layers of another image hold is known by what they are: they are looked at only to be copied.
    private final class ImageCopy implements Prepared {
        private final BuildStep.Copy copy;
        private final Source source;
        private final Target target;

        ImageCopy(BuildStep.Copy copy, Source source, Target target) {
            this.copy = copy;
            this.source = source;
            this.target = target;
        }

        @Override
        public void addTo(StepKey key) {
            key.add("copyFromImage").add("layers", source.ids().size());
            source.ids().forEach(id -> key.add(id.toString()));
            key.add("paths", copy.from().size());
            copy.from().forEach(key::add);
            target.addTo(key);
            key.add("mode", copy.mode() == null ? -1 : copy.mode());
        }

        @Override
        public void make(Path difference, List<Path> lowers) throws IOException {
            if (source.directories().isEmpty()) {
                throw new NoSuchFileException("the image that is copied from is empty");
            }
            try (SourceTree tree = SourceTree.ofLayers(source.directories(), "the image")) {
                SourceWalk walk = new SourceWalk(tree, workshop.facts());
                CopySelection selection = CopySelection.of(copy, walk, IgnoreRules.NONE);
                FileOwner owner = Owners.resolve(copy.owner(), lowers);
                write((plan, below) -> selection.place(copy.to(), owner, plan), target.promised(), difference, lowers);
            }
        }

        @Override
        public boolean isUntidy() {
            return false;
        }
    }

    private final class Removal implements Prepared {
        private final BuildStep.Remove remove;

        Removal(BuildStep.Remove remove) {
            this.remove = remove;
        }

        @Override
        public void addTo(StepKey key) {
            key.add("remove").add("paths", remove.paths().size());
            remove.paths().forEach(key::add);
        }

        @Override
        public void make(Path difference, List<Path> lowers) throws IOException {
            if (lowers.isEmpty()) {
                throw new NoSuchFileException("the image has no file yet");
            }
            try (SourceTree tree = SourceTree.ofLayers(lowers, "the image")) {
                SourceWalk walk = new SourceWalk(tree, workshop.facts());
                write((plan, below) -> hide(walk, plan), "", difference, lowers);
            }
        }

        private void hide(SourceWalk walk, LayerPlan plan) throws IOException {
            for (String pattern : remove.paths()) {
                walk.places(pattern, Wildcards.SHELL).forEach(plan::hide);
            }
        }

        @Override
        public boolean isUntidy() {
            return true;
        }
    }

    private record Execution(BuildStep.Run run, RunParameters parameters, Workshop workshop) implements Prepared {
        @Override
        public void addTo(StepKey key) {
            key.add("run").add("argv", run.argv().size());
            run.argv().forEach(key::add);
            key.add("variables", parameters.env().size() + run.env().size());
            parameters.env().forEach(key::add);
            run.env().forEach((name, value) -> key.add(name + "=" + value));
            key.add(parameters.user()).add(parameters.workingDir());
        }

        @Override
        public void make(Path difference, List<Path> lowers) throws IOException {
            Path written = workshop.sandbox().run(new BuildSandbox.Command(run, parameters, lowers), workshop.log());
            Files.move(written, difference, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            workshop.sandbox().forget();
        }

        @Override
        public boolean isUntidy() {
            return true;
        }
    }
}
