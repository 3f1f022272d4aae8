package dev.slipway.engine.oci;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The machine that an image was made for, in Go's words: `linux/amd64`, `linux/arm/v7`. Aliases and default variants
/// are made one, so that equal platforms are equal values.
///
/// @param variant empty for the architecture's default
public record Platform(String os, String architecture, String variant) {
    public Platform {
        os = os.toLowerCase(Locale.ROOT);
        String given = architecture.toLowerCase(Locale.ROOT);
        architecture = architectureOf(given);
        variant = variantOf(given, architecture, variant.toLowerCase(Locale.ROOT));
    }

    /// The platform of this process.
    public static Platform host() {
        return new Platform("linux", System.getProperty("os.arch", ""), "");
    }

    /// Reads `os/architecture[/variant]`; empty if it is not that.
    public static Optional<Platform> parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : ""));
    }

    /// Whether this machine can run what was made for `image`.
    public boolean runs(Platform image) {
        return runnable().contains(image);
    }

    /// The manifest of `index` that this machine runs best. One that names no platform is taken only where it is
    /// the only one.
    public Optional<Descriptor> choose(ImageIndex index) {
        List<Platform> runnable = runnable();
        List<Descriptor> manifests = index.manifests();
        Optional<Descriptor> best = manifests.stream()
                .filter(manifest -> manifest.platform() != null && runnable.contains(manifest.platform()))
                .min(Comparator.comparingInt(manifest -> runnable.indexOf(manifest.platform())));
        boolean single = manifests.size() == 1 && manifests.getFirst().platform() == null;
        return single ? Optional.of(manifests.getFirst()) : best;
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }

    /// What this machine runs, best first: its own, then lower variants, then the 32-bit sister.
    private List<Platform> runnable() {
        List<Platform> found = new ArrayList<>();
        found.add(this);
        switch (architecture) {
            case "amd64" -> {
                for (int level = number(variant) - 1; level > 0; level--) {
                    found.add(new Platform(os, architecture, "v" + level));
                }
                found.add(new Platform(os, "386", ""));
            }
            case "arm64" -> {
                if (!variant.isEmpty()) {
                    found.add(new Platform(os, architecture, ""));
                }
                found.addAll(arm(8));
            }
            case "arm" -> found.addAll(arm(number(variant) - 1));
            default -> {}
        }
        return found;
    }

    private List<Platform> arm(int highest) {
        List<Platform> found = new ArrayList<>();
        for (int version = highest; version >= 5; version--) {
            found.add(new Platform(os, "arm", "v" + version));
        }
        return found;
    }

    private static int number(String variant) {
        return variant.matches("v[0-9]") ? variant.charAt(1) - '0' : 1;
    }

    private static String architectureOf(String given) {
        return switch (given) {
            case "x86_64", "x86-64" -> "amd64";
            case "i386", "i486", "i586", "i686", "x86" -> "386";
            case "aarch64" -> "arm64";
            case "armhf", "armel", "armv7l", "armv6l" -> "arm";
            default -> given;
        };
    }

    private static String variantOf(String given, String architecture, String variant) {
        String full = variant.matches("[0-9]") ? "v" + variant : variant;
        return switch (architecture) {
            case "arm64" -> full.equals("v8") ? "" : full;
            case "amd64" -> full.equals("v1") ? "" : full;
            case "arm" -> !full.isEmpty() ? full : given.equals("armel") || given.equals("armv6l") ? "v6" : "v7";
            case "386" -> "";
            default -> full;
        };
    }
}
