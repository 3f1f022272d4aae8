package dev.slipway.engine.runtime;

import dev.slipway.engine.network.DnsSettings;
import dev.slipway.engine.network.HostsFile;
import dev.slipway.engine.network.Ipv4;
import dev.slipway.engine.network.ResolvConf;
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

    static EtcFiles render(SandboxRequest request, Ipv4 address, Host host) {
        SandboxRequest.Network network = request.network();
        List<HostsFile.Alias> aliases = network.hostAliases().stream()
                .map(line -> new HostsFile.Alias(line.getFirst(), line.subList(1, line.size())))
                .toList();
        List<String> names = network.names().isEmpty() ? List.of(request.hostname()) : network.names();
        return new EtcFiles(
                network.host()
                        ? HostsFile.renderForHost(host.hosts(), aliases)
                        : HostsFile.render(address, names, aliases),
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
        return ResolvConf.merge(network.host() ? inherited : reachable(inherited, host), own);
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
