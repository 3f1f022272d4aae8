package dev.slipway.engine.runtime;

import dev.slipway.engine.etc.DnsSettings;
import dev.slipway.engine.etc.HostsFile;
import dev.slipway.engine.etc.ResolvConf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// What the containers of a pod find in `/etc` whatever their image has there. Pure, but for the two ends: [Host#read]
/// and [#write].
record EtcFiles(String hosts, String hostname, String resolvConf) {
    /// What a pod that has no address calls by its names.
    private static final String LOOPBACK = "127.0.0.1";

    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    /// The host's own files.
    ///
    /// @param upstream the `resolv.conf` with the servers behind the host's local resolver, empty if there is none
    record Host(String hosts, String resolvConf, String upstream) {
        private static final Path HOSTS = Path.of("/etc/hosts");
        private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
        private static final Path UPSTREAM = Path.of("/run/systemd/resolve/resolv.conf");

        static Host read() throws IOException {
            return new Host(readIfThere(HOSTS), readIfThere(RESOLV_CONF), readIfThere(UPSTREAM));
        }

        private static String readIfThere(Path file) throws IOException {
            return Files.exists(file) ? Files.readString(file) : "";
        }
    }

    /// @param address of the pod, not asked where it has none
    static EtcFiles render(SandboxRequest request, String address, Host host) {
        SandboxRequest.Network network = request.network();
        List<HostsFile.Alias> aliases = network.hostAliases().stream()
                .map(line -> new HostsFile.Alias(line.getFirst(), line.subList(1, line.size())))
                .toList();
        List<String> names = network.names().isEmpty() ? List.of(request.hostname()) : network.names();
        return new EtcFiles(
                switch (network.link()) {
                    case BRIDGE -> HostsFile.render(address, names, aliases);
                    case NONE -> HostsFile.render(LOOPBACK, names, aliases);
                    case HOST -> HostsFile.renderForHost(host.hosts(), aliases);
                },
                request.hostname() + "\n",
                ResolvConf.render(resolver(network, host)));
    }

    private static DnsSettings resolver(SandboxRequest.Network network, Host host) {
        SandboxRequest.Dns dns = network.dns();
        DnsSettings own = new DnsSettings(dns.servers(), dns.searches(), dns.options());
        if (!dns.inheritHost()) {
            return own;
        }
        DnsSettings inherited = ResolvConf.parse(host.resolvConf());
        return switch (network.link()) {
            case BRIDGE -> ResolvConf.merge(reachable(inherited, host), own);
            // None of the host's servers can be asked, and whom the host asks is nobody's business there.
            case NONE -> own;
            case HOST -> ResolvConf.merge(inherited, own);
        };
    }

    /// A resolver on the host's loopback, as systemd-resolved is, does not answer in the pod's namespace; the
    /// servers that it asks do.
    private static DnsSettings reachable(DnsSettings inherited, Host host) {
        DnsSettings reachable = ResolvConf.withoutLoopback(inherited);
        return reachable.servers().isEmpty() && !host.upstream().isEmpty()
                ? ResolvConf.withoutLoopback(ResolvConf.parse(host.upstream()))
                : reachable;
    }

    /// In place, and that which tells that all are there last.
    ///
    /// @param file where a file of this name is
    void write(Function<String, Path> file) throws IOException {
        writeForAll(file.apply("hosts"), hosts);
        writeForAll(file.apply("hostname"), hostname);
        writeForAll(file.apply("resolv.conf"), resolvConf);
    }

    private static void writeForAll(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, READABLE);
    }
}
