package dev.slipway.engine.runtime;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.user.IdRanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Reads and writes the records below the run directory: aside and renamed, so that a reader sees a whole one, but not
/// synced, because what they describe ends with the host. A record of another boot, which is found where the run
/// directory outlives the host, counts as none.
///
/// @param boot names this boot of the host
record Records(RuntimeFiles files, String boot) {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    static Records ofThisBoot(RuntimeFiles files) throws IOException {
        return new Records(files, Files.readString(BOOT).strip());
    }

    /// Makes what all records and containers need to be there.
    void makeDirectories() throws IOException {
        for (Path directory : List.of(files.pods(), files.durablePods(), files.empty())) {
            Files.createDirectories(directory);
        }
        // What containers write to their logs, and what they are given, is for nobody else on this host.
        for (Path directory : List.of(files.pods(), files.durablePods())) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        makeMountPoints();
    }

    private void makeMountPoints() throws IOException {
        for (String directory : List.of("proc", "sys", "dev", "etc")) {
            Path point = Files.createDirectories(files.mountPoints().resolve(directory));
            Files.setPosixFilePermissions(point, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        for (String file : List.of("hosts", "hostname", "resolv.conf")) {
            Path point = files.mountPoints().resolve("etc").resolve(file);
            if (!Files.exists(point)) {
                Files.createFile(point);
            }
            Files.setPosixFilePermissions(point, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    void write(SandboxRecord sandbox) throws IOException {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("boot", boot);
        node.put("namespace", sandbox.namespace());
        node.put("name", sandbox.name());
        node.put("hostname", sandbox.hostname());
        node.put("address", sandbox.address());
        sandbox.netns().ifPresent(path -> node.put("netns", path.toString()));
        sandbox.ipc().ifPresent(path -> node.put("ipc", path.toString()));
        sandbox.user().ifPresent(user -> node.putObject("user")
                .put("pin", user.pin().toString())
                .put("firstHostId", user.firstHostId())
                .put("size", user.size()));
        node.put("hostPid", sandbox.hostPid());
        sandbox.pid().ifPresent(path -> node.put("pid", path.toString()));
        sandbox.sharedMemory().ifPresent(path -> node.put("sharedMemory", path.toString()));
        ObjectNode sysctls = node.putObject("sysctls");
        sandbox.sysctls().forEach(sysctls::put);
        ObjectNode volumes = node.putObject("volumes");
        sandbox.volumes().forEach((volume, source) -> volumes.putObject(volume)
                .put("path", source.path().toString())
                .put("directory", source.kind() == Kind.DIRECTORY)
                .put("device", source.kind() == Kind.DEVICE)
                .put("readOnly", source.readOnly()));
        replace(files.sandbox(sandbox.uid()), node);
    }

    /// @return empty if there is none
    Optional<SandboxRecord> sandbox(PodUid pod) throws IOException {
        return read(files.sandbox(pod), node -> {
            Map<String, String> sysctls = new HashMap<>();
            node.path("sysctls")
                    .properties()
                    .forEach(each -> sysctls.put(each.getKey(), each.getValue().asText()));
            Map<String, SandboxRecord.Source> volumes = new HashMap<>();
            node.required("volumes")
                    .properties()
                    .forEach(volume -> volumes.put(volume.getKey(), source(volume.getValue())));
            return new SandboxRecord(
                    pod,
                    text(node, "namespace"),
                    text(node, "name"),
                    text(node, "hostname"),
                    text(node, "address"),
                    path(node, "netns"),
                    path(node, "ipc"),
                    user(node.path("user")),
                    node.required("hostPid").asBoolean(),
                    path(node, "pid"),
                    path(node, "sharedMemory"),
                    sysctls,
                    volumes);
        });
    }

    /// Notes an attempt and how far it is.
    ///
    /// @param state empty while something of it may exist and only its shim knows whether it runs
    void write(Run run, Optional<ContainerState> state) throws IOException {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("boot", boot);
        node.put("id", run.id().value());
        node.put("image", run.image().value());
        if (!run.mounted().isEmpty()) {
            ObjectNode mounted = node.putObject("mounted");
            run.mounted().forEach((path, image) -> mounted.put(path, image.value()));
        }
        node.put("fingerprint", run.fingerprint());
        state.ifPresent(known -> put(node, known));
        replace(files.attempt(run.container(), run.number()), node);
    }

    /// @return empty if there is none; without a state where only its shim can tell
    Optional<Run> attempt(ContainerName container, int attempt) throws IOException {
        return read(files.attempt(container, attempt), node -> {
            Map<String, Digest> mounted = new HashMap<>();
            node.path("mounted")
                    .properties()
                    .forEach(each -> mounted.put(
                            each.getKey(), new Digest(each.getValue().asText())));
            Run run = new Run(
                    container,
                    attempt,
                    new ContainerId(text(node, "id")),
                    new Digest(text(node, "image")),
                    mounted,
                    text(node, "fingerprint"));
            state(node).ifPresent(run::become);
            return run;
        });
    }

    void forget(ContainerName container, int attempt) throws IOException {
        Files.deleteIfExists(files.attempt(container, attempt));
    }

    void forget(PodUid pod) throws IOException {
        Files.deleteIfExists(files.sandbox(pod));
    }

    private static void put(ObjectNode node, ContainerState state) {
        switch (state) {
            case ContainerState.Created created -> node.put("state", "created");
            case ContainerState.Exited exited ->
                node.put("state", "exited")
                        .put("exitCode", exited.exitCode())
                        .put("signal", exited.signal())
                        .put("oomKilled", exited.oomKilled())
                        .put("startedAt", exited.startedAt().toString())
                        .put("finishedAt", exited.finishedAt().toString());
            case ContainerState.Lost lost ->
                node.put("state", "lost").put("noticedAt", lost.noticedAt().toString());
            case ContainerState.Running running -> throw new IllegalArgumentException("the shim knows what runs");
            case ContainerState.Paused paused -> throw new IllegalArgumentException("the shim knows what runs");
        }
    }

    private static Optional<ContainerState> state(JsonNode node) {
        if (!node.has("state")) {
            return Optional.empty();
        }
        return Optional.of(
                switch (text(node, "state")) {
                    case "created" -> new ContainerState.Created();
                    case "exited" ->
                        new ContainerState.Exited(
                                node.required("exitCode").asInt(),
                                node.required("signal").asInt(),
                                node.required("oomKilled").asBoolean(),
                                Instant.parse(text(node, "startedAt")),
                                Instant.parse(text(node, "finishedAt")));
                    case "lost" -> new ContainerState.Lost(Instant.parse(text(node, "noticedAt")));
                    default -> throw new IllegalArgumentException("unknown state: " + text(node, "state"));
                });
    }

    private static Kind kind(JsonNode source) {
        if (source.path("device").asBoolean()) {
            return Kind.DEVICE;
        }
        return source.required("directory").asBoolean() ? Kind.DIRECTORY : Kind.FILE;
    }

    private static SandboxRecord.Source source(JsonNode node) {
        return new SandboxRecord.Source(
                Path.of(text(node, "path")),
                kind(node),
                node.required("readOnly").asBoolean());
    }

    private static Optional<UserNamespace> user(JsonNode node) {
        return node.isObject()
                ? Optional.of(new UserNamespace(
                        Path.of(text(node, "pin")),
                        node.required("firstHostId").asInt(),
                        node.path("size").asInt(IdRanges.SIZE)))
                : Optional.empty();
    }

    private static String text(JsonNode node, String member) {
        return node.required(member).asText();
    }

    private static Optional<Path> path(JsonNode node, String member) {
        return node.has(member) ? Optional.of(Path.of(text(node, member))) : Optional.empty();
    }

    private static void replace(Path file, ObjectNode node) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(aside, MAPPER.writeValueAsBytes(node));
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// @throws IOException also when the file is not a record; the message names it
    private <T> Optional<T> read(Path file, Function<JsonNode, T> form) throws IOException {
        try {
            JsonNode node = MAPPER.readTree(Files.readAllBytes(file));
            return text(node, "boot").equals(boot) ? Optional.of(form.apply(node)) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new IOException("read record %s: %s".formatted(file, e.getOriginalMessage()), e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("read record %s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
