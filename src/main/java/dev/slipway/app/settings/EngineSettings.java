package dev.slipway.app.settings;

import dev.slipway.actor.space.CollectionSettings;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.network.Subnet;
import dev.slipway.engine.oci.DocumentLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

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
/// @param subnet `subnet`, IPv4 network of the pods in CIDR notation; default: that of the last start, if it is free,
///     else the first free one of 10.88.0.0/16 to 10.127.0.0/16
/// @param cgroup `cgroup`, name of the engine's cgroup in each hierarchy; default `slipway`, or a name made from `run`
/// @param logs `log.max-size-bytes`, size at which a container's log is rotated; default 10485760. `log.max-files`, how
///     many files of a container's log are kept, the current one counted; default 5
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
public record EngineSettings(
        Path root,
        Path run,
        Path stock,
        List<Path> manifests,
        String listen,
        String bridge,
        Optional<Subnet> subnet,
        String cgroup,
        LogSettings.Rotation logs,
        OptionalLong containerPids,
        CollectionSettings imageCollection,
        ImageArchives.Limits images,
        long mirroredBytes) {
    private static final String DEFAULT_LISTEN = "127.0.0.1:7443";
    private static final Path DEFAULT_RUN = Path.of("/run/slipway");
    private static final int HIGHEST_PORT = 65535;
    private static final Pattern LINK_NAME = Pattern.compile("(?!\\.\\.?$)[^/:\\s]{1,15}");
    private static final Pattern CGROUP_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    public EngineSettings {
        manifests = List.copyOf(manifests);
    }

    /// @throws IllegalArgumentException when a value is not of its form
    public static EngineSettings of(Configured configured) {
        Path run = path(configured, "slipway.run").orElse(DEFAULT_RUN);
        String suffix = run.equals(DEFAULT_RUN)
                ? ""
                : Integer.toHexString(run.toString().hashCode());
        return new EngineSettings(
                path(configured, "slipway.root").orElse(Path.of("/var/lib/slipway")),
                run,
                path(configured, "slipway.lib")
                        .orElseGet(() -> Path.of("").toAbsolutePath())
                        .resolve("manifests"),
                paths(configured.text("slipway.manifests").orElse("")),
                formed(configured, "slipway.listen", DEFAULT_LISTEN, EngineSettings::isListen, "HOST:PORT or off"),
                formed(
                        configured,
                        "slipway.bridge",
                        suffix.isEmpty() ? "slipway0" : "slw" + suffix,
                        LINK_NAME.asMatchPredicate(),
                        "the name of a network interface"),
                subnet(configured),
                formed(
                        configured,
                        "slipway.cgroup",
                        "slipway" + suffix,
                        CGROUP_NAME.asMatchPredicate(),
                        "the name of a cgroup"),
                logs(configured),
                containerPids(configured),
                collection(configured),
                images(configured),
                configured.number("slipway.registry.max-mirrored-bytes", 50L << 30, 0, Long.MAX_VALUE));
    }

    /// Every key that there is.
    static Set<String> keys() {
        Set<String> asked = new TreeSet<>();
        of(new Configured(
                key -> {
                    asked.add(key);
                    return Optional.empty();
                },
                key -> key));
        return asked;
    }

    private static LogSettings.Rotation logs(Configured configured) {
        LogSettings.Rotation standard = LogSettings.Rotation.STANDARD;
        return new LogSettings.Rotation(
                configured.number(
                        "slipway.log.max-size-bytes", standard.maxSizeBytes(), LogSettings.LEAST_BYTES, Long.MAX_VALUE),
                (int) configured.number("slipway.log.max-files", standard.maxFiles(), 1, LogSettings.MOST_FILES));
    }

    private static OptionalLong containerPids(Configured configured) {
        String key = "slipway.container.pids";
        return configured.text(key).isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(configured.number(key, 0, 0, Long.MAX_VALUE));
    }

    private static CollectionSettings collection(Configured configured) {
        CollectionSettings standard = CollectionSettings.STANDARD;
        String highKey = "slipway.image.gc-high-threshold-percent";
        String lowKey = "slipway.image.gc-low-threshold-percent";
        int high = (int) configured.number(highKey, standard.highThresholdPercent(), 1, 100);
        int low = (int) configured.number(lowKey, standard.lowThresholdPercent(), 0, 100);
        if (low >= high) {
            throw new IllegalArgumentException("%s is not below %s, which is %d: %d"
                    .formatted(configured.name(lowKey), configured.name(highKey), high, low));
        }
        return new CollectionSettings(
                high,
                low,
                configured.duration("slipway.image.minimum-gc-age", standard.minimumAge()),
                configured.duration("slipway.image.maximum-gc-age", standard.maximumAge()));
    }

    private static ImageArchives.Limits images(Configured configured) {
        LayerLimits layers = LayerLimits.STANDARD;
        DocumentLimits documents = DocumentLimits.STANDARD;
        long highest = DocumentLimits.HIGHEST_BYTES;
        return new ImageArchives.Limits(
                new LayerLimits(
                        configured.number("slipway.image.max-layer-bytes", layers.bytes(), 1, Long.MAX_VALUE),
                        configured.number("slipway.image.max-layer-files", layers.entries(), 1, Long.MAX_VALUE)),
                new DocumentLimits(
                        (int) configured.number(
                                "slipway.image.max-manifest-bytes", documents.manifestBytes(), 1, highest),
                        (int) configured.number(
                                "slipway.image.max-config-bytes", documents.configBytes(), 1, highest)));
    }

    private static Optional<Subnet> subnet(Configured configured) {
        try {
            return configured.text("slipway.subnet").map(Subnet::parse);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(configured.name("slipway.subnet") + ": " + e.getMessage(), e);
        }
    }

    private static String formed(
            Configured configured, String key, String otherwise, Predicate<String> isOfForm, String form) {
        String text = configured.text(key).orElse(otherwise);
        if (!isOfForm.test(text)) {
            throw new IllegalArgumentException("%s is not %s: %s".formatted(configured.name(key), form, text));
        }
        return text;
    }

    private static Optional<Path> path(Configured configured, String key) {
        return configured.text(key).map(path -> Path.of(path).toAbsolutePath());
    }

    /// Where TLS is spoken; empty for `off`.
    public Optional<InetSocketAddress> listener() {
        return listen.equals("off") ? Optional.empty() : Optional.of(address(listen));
    }

    /// What a kubeconfig points at. Without a listener it points at nothing that answers, but is still well-formed.
    public String serverUrl() {
        InetSocketAddress address = listener().orElseGet(() -> address(DEFAULT_LISTEN));
        String host = address.getHostString();
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String reached = any ? "127.0.0.1" : host;
        return "https://%s:%d".formatted(reached.contains(":") ? "[" + reached + "]" : reached, address.getPort());
    }

    private static boolean isListen(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        return text.equals("off")
                || colon > 0
                        && !host(text).isEmpty()
                        && port.matches("\\d{1,5}")
                        && Integer.parseInt(port) > 0
                        && Integer.parseInt(port) <= HIGHEST_PORT;
    }

    private static InetSocketAddress address(String listen) {
        return new InetSocketAddress(host(listen), Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1)));
    }

    private static String host(String listen) {
        return listen.substring(0, listen.lastIndexOf(':')).replaceAll("^\\[|\\]$", "");
    }

    private static List<Path> paths(String list) {
        return Arrays.stream(list.split(","))
                .filter(path -> !path.isBlank())
                .map(path -> Path.of(path.strip()).toAbsolutePath().normalize())
                .toList();
    }
}
