package dev.slipway.engine.build;

import dev.slipway.engine.tree.FileFacts;
import dev.slipway.engine.tree.IgnoreRules;
import dev.slipway.engine.tree.SourceTree;
import dev.slipway.engine.tree.TextFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;

/// What the stages of one build share. For one thread.
final class Workshop implements AutoCloseable {
    private static final String IGNORE_FILE = ".dockerignore";

    private final ImageBuilder.Tools tools;
    private final BuildRequest request;
    private final BuildLog log;
    private final BuildSandbox sandbox;
    private final BuildProgress progress;
    private final Map<String, SourceTree> directories = new HashMap<>();
    private final Map<String, IgnoreRules> ignored = new HashMap<>();
    private int layersMade;

    Workshop(
            ImageBuilder.Tools tools,
            BuildRequest request,
            BuildLog log,
            BuildSandbox sandbox,
            BuildProgress progress) {
        this.tools = tools;
        this.request = request;
        this.log = log;
        this.sandbox = sandbox;
        this.progress = progress;
    }

    ImageBuilder.Stores stores() {
        return tools.stores();
    }

    StepCache cache() {
        return tools.cache();
    }

    FileFacts facts() {
        return tools.facts();
    }

    BuildRequest request() {
        return request;
    }

    BuildLog log() {
        return log;
    }

    BuildSandbox sandbox() {
        return sandbox;
    }

    /// A step is looked at.
    void mention(int number, BuildStep step) throws IOException {
        log.mention("step %d of %d: %s".formatted(number, request.steps(), step.words()));
    }

    /// A layer of a step is going to be made.
    void begin(int number, String words) throws IOException {
        progress.at(number, request.steps(), words);
        log.begin();
    }

    /// A layer is part of the build, and stays at least until its next try.
    void use(StepCache.KnownLayer layer) {
        tools.kept().use(request.id(), layer);
    }

    void countMade() {
        layersMade++;
    }

    int layersMade() {
        return layersMade;
    }

    /// A directory of this host, opened once.
    SourceTree directory(String path) throws IOException {
        SourceTree known = directories.get(path);
        if (known != null) {
            return known;
        }
        SourceTree opened = SourceTree.of(path);
        directories.put(path, opened);
        return opened;
    }

    /// What the context in a directory leaves out.
    IgnoreRules ignored(String directory) throws IOException {
        IgnoreRules known = ignored.get(directory);
        if (known == null) {
            known = readIgnored(directory);
            ignored.put(directory, known);
        }
        return known;
    }

    private static IgnoreRules readIgnored(String directory) throws IOException {
        try {
            return IgnoreRules.parse(TextFile.read(directory, IGNORE_FILE));
        } catch (IllegalArgumentException e) {
            throw new IOException("%s/%s: %s".formatted(directory, IGNORE_FILE, e.getMessage()), e);
        } catch (NoSuchFileException e) {
            return IgnoreRules.NONE;
        }
    }

    @Override
    public void close() throws IOException {
        directories.values().forEach(SourceTree::close);
        sandbox.close();
    }
}
