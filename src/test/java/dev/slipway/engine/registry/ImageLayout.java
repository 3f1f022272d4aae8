package dev.slipway.engine.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Images made by umoci in an OCI layout, and sent to a registry by skopeo.
public final class ImageLayout {
    private final Path directory;
    private int archives;

    /// Makes an empty layout in `directory`, which must not exist.
    public ImageLayout(Path directory) {
        this.directory = directory;
        Command.run("umoci", "init", "--layout", directory.toString());
    }

    /// Makes an image without layers.
    public ImageLayout image(String tag) {
        Command.run("umoci", "new", "--image", directory + ":" + tag);
        return this;
    }

    /// Adds a layer that holds `tree`, archived by GNU tar with these options.
    public ImageLayout layer(String tag, Path tree, String... options) throws IOException {
        Path archive = Files.createTempDirectory("layer").resolve(archives++ + ".tar");
        List<String> words = new ArrayList<>(List.of("tar", "--xattrs", "--numeric-owner"));
        words.addAll(List.of(options));
        words.addAll(List.of("-C", tree.toString(), "-cf", archive.toString(), "."));
        Command.run(words.toArray(String[]::new));
        Command.run("umoci", "raw", "add-layer", "--image", directory + ":" + tag, archive.toString());
        Files.delete(archive);
        Files.delete(archive.getParent());
        return this;
    }

    /// Changes the config, with options of `umoci config`.
    public ImageLayout config(String tag, String... options) {
        List<String> words = new ArrayList<>(List.of("umoci", "config", "--image", directory + ":" + tag));
        words.addAll(List.of(options));
        Command.run(words.toArray(String[]::new));
        return this;
    }

    /// Sends it to `name`, which begins with the registry's host, with options of `skopeo copy`.
    public void push(String tag, String name, String... options) {
        List<String> words =
                new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false"));
        words.addAll(List.of(options));
        words.addAll(List.of("oci:" + directory + ":" + tag, "docker://" + name));
        Command.run(words.toArray(String[]::new));
    }
}
