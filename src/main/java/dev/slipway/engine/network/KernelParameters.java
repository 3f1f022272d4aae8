package dev.slipway.engine.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The kernel's settings that pods need to be reached and to reach out.
///
/// Forwarding is one switch for the whole host: what the host had is noted, and put back when the engine's network is
/// dismantled. The others are set for the engine's own bridge only.
///
/// @param before file that takes what the host had
/// @spec https://docs.kernel.org/networking/ip-sysctl.html IP Sysctl
record KernelParameters(String bridge, Path before) {
    private static final Path ROOT = Path.of("/proc/sys/net/ipv4");
    private static final Path FORWARD = ROOT.resolve("ip_forward");

    /// Sets what is not set yet.
    void ensure() throws IOException {
        String forward = Files.readString(FORWARD).strip();
        if (!forward.equals("1")) {
            Files.writeString(before, forward);
            set(FORWARD, "1");
        }
        // Mapped ports on 127.0.0.1: packets from there go out over the bridge, and answers come back. The table's
        // chain
        // `guard` keeps pods from using this.
        set(ofBridge("route_localnet"), "1");
        // A pod cannot speak with an address of others.
        set(ofBridge("rp_filter"), "1");
    }

    /// Whether all is set.
    boolean isWhole() throws IOException {
        return is(FORWARD, "1") && is(ofBridge("route_localnet"), "1") && is(ofBridge("rp_filter"), "1");
    }

    void restore() throws IOException {
        if (Files.exists(before)) {
            set(FORWARD, Files.readString(before).strip());
            Files.delete(before);
        }
    }

    private Path ofBridge(String parameter) {
        return ROOT.resolve("conf").resolve(bridge).resolve(parameter);
    }

    private static boolean is(Path parameter, String value) throws IOException {
        return Files.exists(parameter) && Files.readString(parameter).strip().equals(value);
    }

    private static void set(Path parameter, String value) throws IOException {
        if (is(parameter, value)) {
            return;
        }
        try {
            Files.writeString(parameter, value, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("set %s to %s: %s".formatted(parameter, value, e.getMessage()), e);
        }
    }
}
