package dev.slipway.engine.volume;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A directory of an NFS server, and how it is mounted.
///
/// @param server name or address
/// @param path absolute
/// @param options further ones, as in nfs(5)
/// @spec https://man7.org/linux/man-pages/man5/nfs.5.html nfs(5)
public record NfsExport(String server, String path, boolean readOnly, List<String> options) {
    private static final int PORT = 2049;
    private static final int LAST_PORT = 65535;
    private static final String PORT_OPTION = "port=";

    /// Without user space to negotiate it, a version is asked for by name.
    private static final List<String> VERSIONS = List.of("4.2", "4.1", "4.0");

    public NfsExport {
        options = List.copyOf(options);
        if (server.isEmpty() || !path.startsWith("/")) {
            throw new IllegalArgumentException("no directory of an NFS server: %s:%s".formatted(server, path));
        }
        if (!isPort(options)) {
            throw new IllegalArgumentException("no port of an NFS server: " + options);
        }
        if (options.stream().anyMatch(option -> option.contains(",") || option.startsWith("addr="))) {
            throw new IllegalArgumentException("no options of an NFS mount: " + options);
        }
    }

    private static boolean isPort(List<String> options) {
        return options.stream()
                .filter(option -> option.startsWith(PORT_OPTION))
                .map(option -> option.substring(PORT_OPTION.length()))
                .allMatch(port -> port.matches("[1-9][0-9]{0,4}") && Integer.parseInt(port) <= LAST_PORT);
    }

    /// Who mounts: the kernel, or what stands for it in tests.
    @FunctionalInterface
    interface Mounter {
        void mount(String source, Path target, boolean readOnly, String options) throws IOException;
    }

    /// As the kernel names it; colons of an address are in brackets.
    String source(InetAddress address) {
        boolean isBracketed = server.contains(":") && address.getHostAddress().contains(":");
        return (isBracketed ? "[" + server + "]" : server) + ":" + path;
    }

    int port() {
        return option(PORT_OPTION).map(Integer::parseInt).orElse(PORT);
    }

    /// Versions to try, the latest first; one alone if the options name it.
    List<String> versions() {
        return option("vers=").or(() -> option("nfsvers=")).map(List::of).orElse(VERSIONS);
    }

    /// What the kernel is told.
    String options(InetAddress address, String version) {
        List<String> all = new ArrayList<>(List.of("vers=" + version, "addr=" + address.getHostAddress()));
        options.stream()
                .filter(option -> !option.startsWith("vers=") && !option.startsWith("nfsvers="))
                .forEach(all::add);
        return String.join(",", all);
    }

    private Optional<String> option(String name) {
        return options.stream()
                .filter(option -> option.startsWith(name))
                .map(option -> option.substring(name.length()))
                .findFirst();
    }

    @Override
    public String toString() {
        return server + ":" + path;
    }
}
