package dev.slipway.app;

import dev.slipway.actor.space.CollectionSettings;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.oci.DocumentLimits;
import dev.slipway.engine.oci.Durations;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// The engine's configuration. Each value comes from a system property `slipway.<name>`, the environment variable
/// `SLIPWAY_<NAME>`, or the default given here. Rooms get small settings records made from this, never this record.
///
/// A plain record rather than a framework mapping, because the framework would load a mapping at build time, in Maven's
/// JVM, which may be older than 25.
///
/// @param root `root`, directory of all that is durable; default `/var/lib/slipway`
/// @param run `run`, directory of sockets, pinned namespaces and run directories, on a tmpfs, of one engine; default
///     `/run/slipway`
/// @param stock `lib`, directory of what the engine brings along, whose `manifests` are applied at each start; default
///     the working directory, as in a checkout
/// @param manifests `manifests`, comma-separated directories to keep this host equal to; default none
/// @param listen `listen`, address and port of the TLS listener, or `off`; default `127.0.0.1:7443`
/// @param bridge `bridge`, name of the bridge that pods are attached to; default `slipway0`, or a name made from `run`
///     where that was moved
/// @param subnet `subnet`, IPv4 network of the pods in CIDR notation; default: the first free one of 10.88.0.0/16 to
///     10.127.0.0/16
/// @param cgroup `cgroup`, name of the engine's cgroup in each hierarchy; default `slipway`, or a name made from `run`
/// @param logMaxSizeBytes `log.max-size-bytes`, size at which a container's log is rotated; default 10485760
/// @param logMaxFiles `log.max-files`, how many files of a container's log are kept, the current one counted; default 5
/// @param containerPids `container.pids`, how many processes and threads a container may have whose limits do not say,
///     0 for any number; default 15 % of what the host can have
/// @param imageCollection `image.gc-high-threshold-percent`, use of the file system from which on images go that nobody
///     needs, 100 for never; default 85. `image.gc-low-threshold-percent`, until no more than this is in use; default
///     80.
///     `image.minimum-gc-age`, for how long they have to be unused before; default 2m. `image.maximum-gc-age`, how long
///     they may be unused at all, 0 for however long; default 720h
/// @param images what an image may be, wherever it comes from, before it is refused: `image.max-layer-bytes`, size of
///     a layer when it is unpacked, default 68719476736; `image.max-layer-files`, files, directories and others in a
///     layer, default 2000000; `image.max-manifest-bytes`, default 4194304, and `image.max-config-bytes`, default and
///     highest 8388608
/// @param mirroredBytes `registry.max-mirrored-bytes`, most of the copies that served registries keep of others'
///     repositories, before those go that nobody has asked for longest; default 53687091200
record EngineSettings(
        Path root,
        Path run,
        Path stock,
        List<Path> manifests,
        String listen,
        String bridge,
        Optional<String> subnet,
        String cgroup,
        long logMaxSizeBytes,
        int logMaxFiles,
        OptionalLong containerPids,
        CollectionSettings imageCollection,
        ImageArchives.Limits images,
        long mirroredBytes) {
    private static final String DEFAULT_LISTEN = "127.0.0.1:7443";
    private static final Path DEFAULT_RUN = Path.of("/run/slipway");

    EngineSettings {
        manifests = List.copyOf(manifests);
        if (!listen.equals("off")) {
            address(listen);
        }
    }

    /// @param configured the value of a key, if it has one
    /// @throws IllegalArgumentException when a value is not of its form
    static EngineSettings of(Function<String, Optional<String>> configured) {
        Path run = configured
                .apply("slipway.run")
                .map(Path::of)
                .orElse(DEFAULT_RUN)
                .toAbsolutePath();
        String suffix = run.equals(DEFAULT_RUN)
                ? ""
                : Integer.toHexString(run.toString().hashCode());
        return new EngineSettings(
                configured
                        .apply("slipway.root")
                        .map(Path::of)
                        .orElse(Path.of("/var/lib/slipway"))
                        .toAbsolutePath(),
                run,
                Path.of(configured.apply("slipway.lib").orElse(""))
                        .toAbsolutePath()
                        .resolve("manifests"),
                paths(configured.apply("slipway.manifests").orElse("")),
                configured.apply("slipway.listen").orElse(DEFAULT_LISTEN),
                configured.apply("slipway.bridge").orElse(suffix.isEmpty() ? "slipway0" : "slw" + suffix),
                configured.apply("slipway.subnet"),
                configured.apply("slipway.cgroup").orElse("slipway" + suffix),
                number(configured, "slipway.log.max-size-bytes", 10 << 20),
                (int) number(configured, "slipway.log.max-files", 5),
                containerPids(configured),
                collection(configured),
                images(configured),
                number(configured, "slipway.registry.max-mirrored-bytes", 50L << 30));
    }

    private static OptionalLong containerPids(Function<String, Optional<String>> configured) {
        String key = "slipway.container.pids";
        if (configured.apply(key).isEmpty()) {
            return OptionalLong.empty();
        }
        long pids = number(configured, key, 0);
        if (pids < 0) {
            throw new IllegalArgumentException("%s is negative: %d".formatted(key, pids));
        }
        return OptionalLong.of(pids);
    }

    private static CollectionSettings collection(Function<String, Optional<String>> configured) {
        CollectionSettings standard = CollectionSettings.STANDARD;
        return new CollectionSettings(
                (int) number(configured, "slipway.image.gc-high-threshold-percent", standard.highThresholdPercent()),
                (int) number(configured, "slipway.image.gc-low-threshold-percent", standard.lowThresholdPercent()),
                duration(configured, "slipway.image.minimum-gc-age", standard.minimumAge()),
                duration(configured, "slipway.image.maximum-gc-age", standard.maximumAge()));
    }

    private static ImageArchives.Limits images(Function<String, Optional<String>> configured) {
        LayerLimits layers = LayerLimits.STANDARD;
        DocumentLimits documents = DocumentLimits.STANDARD;
        try {
            return new ImageArchives.Limits(
                    new LayerLimits(
                            number(configured, "slipway.image.max-layer-bytes", layers.bytes()),
                            number(configured, "slipway.image.max-layer-files", layers.entries())),
                    new DocumentLimits(
                            bytes(configured, "slipway.image.max-manifest-bytes", documents.manifestBytes()),
                            bytes(configured, "slipway.image.max-config-bytes", documents.configBytes())));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("slipway.image: " + e.getMessage(), e);
        }
    }

    private static int bytes(Function<String, Optional<String>> configured, String key, int otherwise) {
        return Math.clamp(number(configured, key, otherwise), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// Where TLS is spoken; empty for `off`.
    Optional<InetSocketAddress> listener() {
        return listen.equals("off") ? Optional.empty() : Optional.of(address(listen));
    }

    /// What a kubeconfig points at. Without a listener it points at nothing that answers, but is still well-formed.
    String serverUrl() {
        InetSocketAddress address = listener().orElseGet(() -> address(DEFAULT_LISTEN));
        String host = address.getHostString();
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String reached = any ? "127.0.0.1" : host;
        return "https://%s:%d".formatted(reached.contains(":") ? "[" + reached + "]" : reached, address.getPort());
    }

    private static InetSocketAddress address(String listen) {
        int colon = listen.lastIndexOf(':');
        try {
            String host = listen.substring(0, Math.max(colon, 0)).replaceAll("^\\[|\\]$", "");
            int port = Integer.parseInt(listen.substring(colon + 1));
            if (host.isEmpty() || port < 1 || port > 65535) {
                throw new IllegalArgumentException("listen is not HOST:PORT or off: " + listen);
            }
            return new InetSocketAddress(host, port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("listen is not HOST:PORT or off: " + listen, e);
        }
    }

    private static List<Path> paths(String list) {
        return Arrays.stream(list.split(","))
                .filter(path -> !path.isBlank())
                .map(path -> Path.of(path.strip()).toAbsolutePath().normalize())
                .toList();
    }

    private static Duration duration(Function<String, Optional<String>> configured, String key, Duration otherwise) {
        try {
            return configured.apply(key).map(Durations::parse).orElse(otherwise);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s is %s".formatted(key, e.getMessage()), e);
        }
    }

    private static long number(Function<String, Optional<String>> configured, String key, long otherwise) {
        String text = configured.apply(key).orElse(Long.toString(otherwise));
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("%s is not a number: %s".formatted(key, text), e);
        }
    }
}
