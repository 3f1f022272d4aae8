package dev.slipway;

/// A `Container` or `Pod` for tests, made of the image `toolbox`. Fields are added as lines of YAML.
final class Sample {
    private final StringBuilder yaml = new StringBuilder();
    private final String kind;
    private final String name;

    private Sample(String kind, String name) {
        this.kind = kind;
        this.name = name;
    }

    /// A `Container` whose shell runs `script`; an empty script leaves the image's own command.
    static Sample container(String name, String script) {
        return container(name, script, "toolbox");
    }

    /// As above, of another image.
    static Sample container(String name, String script, String image) {
        Sample sample = new Sample("container", name);
        sample.yaml.append("""
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: %s}
                spec:
                  imageFrom: {kind: Image, name: %s}
                  stop: {gracePeriodSeconds: 1}
                """.formatted(name, image));
        return script.isEmpty() ? sample : sample.with("command: [/bin/busybox, sh, -c, %s]".formatted(quoted(script)));
    }

    /// A `Pod` with one container `main` whose shell runs `script`.
    static Sample pod(String name, String script) {
        Sample sample = new Sample("pod", name);
        sample.yaml.append("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: toolbox
                    imagePullPolicy: Never
                    command: [/bin/busybox, sh, -c, %s]
                """.formatted(name, quoted(script)));
        return sample;
    }

    /// One more line of the spec: of the `Container`, or of the `Pod`.
    Sample with(String line) {
        yaml.append("  ").append(line).append('\n');
        return this;
    }

    String object() {
        return kind + "/" + name;
    }

    String yaml() {
        return yaml.toString();
    }

    /// Applies it and returns itself.
    Sample in(EngineProcess engine) {
        engine.apply(yaml());
        return this;
    }

    /// Waits until it runs.
    Sample running(EngineProcess engine) {
        engine.awaitField(object(), ".status.phase", "Running");
        return this;
    }

    /// Makes an empty file in the container, as its root: the host's root has no id in it.
    void touch(EngineProcess engine, String path) {
        engine.kubectl("exec", name, "--", "/bin/busybox", "touch", path).orFail();
    }

    /// The host's pid of its first process; only of a `Container`.
    long pid(EngineProcess engine) {
        return Long.parseLong(engine.field(object(), ".status.pid"));
    }

    /// What it wrote so far.
    String logs(EngineProcess engine) {
        return engine.slipway("logs", name).out();
    }

    /// Waits until it wrote `text`.
    void wrote(EngineProcess engine, String text) {
        engine.await(object() + " to write " + text, () -> logs(engine).contains(text));
    }

    void delete(EngineProcess engine) {
        engine.kubectl("delete", object(), "--wait=true", "--timeout=20s").orFail();
    }

    /// In YAML, and with what Kubernetes would read as a reference to a variable kept for the shell.
    private static String quoted(String script) {
        return "\""
                + script.replace("$$", "$$$$")
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n") + "\"";
    }
}
