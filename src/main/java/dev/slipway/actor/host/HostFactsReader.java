package dev.slipway.actor.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Reads [HostFacts] from where the kernel and the distribution keep them.
///
/// @param root of the host's file system, `/` but for tests
/// @param data directory on the file system of containers
/// @spec https://man7.org/linux/man-pages/man5/proc.5.html proc(5)
/// @spec https://www.freedesktop.org/software/systemd/man/latest/os-release.html os-release(5)
public record HostFactsReader(Path root, Path data) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int KIB = 1024;
    private static final int LONGEST = 1 << 16;

    public HostFacts read() throws IOException {
        return new HostFacts(text("proc/sys/kernel/hostname"), address(), system(), resources());
    }

    private HostFacts.System system() throws IOException {
        return new HostFacts.System(
                textOrEmpty("etc/machine-id"),
                textOrEmpty("sys/class/dmi/id/product_uuid"),
                textOrEmpty("proc/sys/kernel/random/boot_id"),
                text("proc/sys/kernel/osrelease"),
                osImage(),
                java.lang.System.getProperty("os.arch").replace("amd64", "x86_64"));
    }

    private HostFacts.Resources resources() throws IOException {
        List<String> memory = Files.readAllLines(root.resolve("proc/meminfo"));
        FileStore disk = Files.getFileStore(data);
        return new HostFacts.Resources(
                (int) Files.readAllLines(root.resolve("proc/stat")).stream()
                        .filter(line -> line.matches("cpu[0-9]+ .*"))
                        .count(),
                kibibytes(memory, "MemTotal") * KIB,
                kibibytes(memory, "MemAvailable") * KIB,
                disk.getTotalSpace(),
                disk.getUsableSpace(),
                HostFacts.Inodes.UNCOUNTED,
                Long.parseLong(text("proc/loadavg").split("[ /]")[4]),
                Math.min(
                        Long.parseLong(text("proc/sys/kernel/pid_max")),
                        Long.parseLong(text("proc/sys/kernel/threads-max"))));
    }

    private static long kibibytes(List<String> memory, String name) throws IOException {
        for (String line : memory) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("read /proc/meminfo: no line " + name);
    }

    private String osImage() throws IOException {
        for (String file : List.of("etc/os-release", "usr/lib/os-release")) {
            for (String line : textOrEmpty(file).lines().toList()) {
                if (line.startsWith("PRETTY_NAME=")) {
                    return line.substring("PRETTY_NAME=".length()).replaceAll("^[\"']|[\"']$", "");
                }
            }
        }
        return "Linux";
    }

    /// That of the interface of the default route; else of the first interface that has one.
    private String address() throws IOException {
        Optional<NetworkInterface> outward = defaultInterface();
        if (outward.isPresent()) {
            Optional<String> address = address(outward.get());
            if (address.isPresent()) {
                return address.get();
            }
        }
        return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                .flatMap(each -> address(each).stream())
                .filter(address -> !address.startsWith("127."))
                .findFirst()
                .orElse(LOOPBACK);
    }

    private static Optional<String> address(NetworkInterface device) {
        return Collections.list(device.getInetAddresses()).stream()
                .filter(Inet4Address.class::isInstance)
                .map(InetAddress::getHostAddress)
                .findFirst();
    }

    private Optional<NetworkInterface> defaultInterface() throws IOException {
        String best = "";
        long bestMetric = Long.MAX_VALUE;
        for (String line : textOrEmpty("proc/net/route").lines().skip(1).toList()) {
            String[] fields = line.split("\\s+");
            boolean isDefault = fields.length > 7 && fields[1].equals("00000000") && fields[7].equals("00000000");
            if (isDefault && Long.parseLong(fields[6]) < bestMetric) {
                best = fields[0];
                bestMetric = Long.parseLong(fields[6]);
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.ofNullable(NetworkInterface.getByName(best));
    }

    /// Read at once: numbers below `/proc/sys` end after the first read, however short it was.
    private String text(String file) throws IOException {
        try (InputStream in = Files.newInputStream(root.resolve(file))) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
        }
    }

    private String textOrEmpty(String file) throws IOException {
        try {
            return text(file);
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
