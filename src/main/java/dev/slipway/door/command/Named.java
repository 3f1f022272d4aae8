package dev.slipway.door.command;

import java.util.List;
import java.util.Locale;

/// What users call one thing that runs: `NAME`, or `KIND/NAME` as `slipway get -o name` prints it.
///
/// @param kind in lower case, without its group; empty where only a name was said
public record Named(String kind, String name) {
    private static final List<String> CONTAINER = List.of("container", "containers", "ctr");
    private static final List<String> POD = List.of("pod", "pods", "po");
    private static final List<String> DEPLOYMENT = List.of("deployment", "deployments", "deploy");
    private static final List<String> IMAGE = List.of("image", "images", "img");

    public static Named of(String words) {
        int slash = words.indexOf('/');
        String kind = slash < 0 ? "" : words.substring(0, slash);
        return new Named(kind.replaceFirst("\\..*", "").toLowerCase(Locale.ROOT), words.substring(slash + 1));
    }

    /// Whether it may be a Container: somebody has said so, or said of no kind.
    public boolean mayBeContainer() {
        return kind.isEmpty() || CONTAINER.contains(kind);
    }

    public boolean mayBePod() {
        return kind.isEmpty() || POD.contains(kind);
    }

    public boolean mayBeDeployment() {
        return kind.isEmpty() || DEPLOYMENT.contains(kind);
    }

    public boolean isImage() {
        return IMAGE.contains(kind);
    }
}
