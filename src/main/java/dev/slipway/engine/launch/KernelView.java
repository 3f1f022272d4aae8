package dev.slipway.engine.launch;

import java.util.List;
import java.util.Map;

/// What of the kernel a container sees and may set.
///
/// @param hostname name in its own uts namespace; empty leaves it
/// @param maskedPaths files that read as empty and directories that are empty; missing ones are skipped
/// @param readOnlyPaths paths that cannot be written; missing ones are skipped
/// @param sysctls values of namespaced kernel parameters, by dotted name; a slash
///     stands for a dot that is part of a name, as in `net.ipv4.conf.eth0/7.forwarding`
/// @param devices device nodes of the host that appear at the same path, beside the standard ones
public record KernelView(
        String hostname,
        List<String> maskedPaths,
        List<String> readOnlyPaths,
        Map<String, String> sysctls,
        List<String> devices) {
    public static final List<String> MASKED_PATHS = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/dev/block",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");

    public static final List<String> READ_ONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    public KernelView {
        maskedPaths = List.copyOf(maskedPaths);
        readOnlyPaths = List.copyOf(readOnlyPaths);
        sysctls = Map.copyOf(sysctls);
        devices = List.copyOf(devices);
        maskedPaths.forEach(Paths::requireAbsolute);
        readOnlyPaths.forEach(Paths::requireAbsolute);
        devices.forEach(Paths::requireAbsolute);
        sysctls.keySet().forEach(KernelView::requireName);
        if (hostname.length() > 64) {
            throw new IllegalArgumentException("hostname is longer than 64 bytes: " + hostname);
        }
    }

    private static void requireName(String sysctl) {
        for (String part : sysctl.split("\\.", -1)) {
            if (part.isEmpty() || part.replace('/', '.').matches("\\.\\.?|.*\0.*")) {
                throw new IllegalArgumentException("name of a sysctl is not a path: " + sysctl);
            }
        }
    }

    /// The usual masks under `hostname`.
    public static KernelView standard(String hostname) {
        return new KernelView(hostname, MASKED_PATHS, READ_ONLY_PATHS, Map.of(), List.of());
    }
}
