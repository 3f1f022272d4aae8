package dev.slipway.engine.runtime;

import dev.slipway.engine.network.DnsSettings;
import dev.slipway.engine.network.HostsFile;
import dev.slipway.engine.network.Ipv4;
import dev.slipway.engine.network.NetworkAttachment;
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

    static EtcFiles render(SandboxRequest request, NetworkAttachment attachment, Host host) {
        SandboxRequest.Network network = request.network();
        List<HostsFile.Alias> aliases = network.hostAliases().stream()
                .map(line -> new HostsFile.Alias(line.getFirst(), line.subList(1, line.size())))
                .toList();
        List<String> names = network.names().isEmpty() ? List.of(request.hostname()) : network.names();
        return new EtcFiles(
                network.host()
                        ? HostsFile.renderForHost(host.hosts(), aliases)
                        : HostsFile.render(attachment.address(), names, aliases),
                request.hostname() + "\n",
                ResolvConf.render(resolver(request.network().dns(), attachment, host)));
    }

    private static DnsSettings resolver(SandboxRequest.Dns dns, NetworkAttachment attachment, Host host) {
        DnsSettings asked = new DnsSettings(dns.servers(), dns.searches(), dns.options());
        if (!dns.inheritHost()) {
            return asked;
        }
        DnsSettings inherited = ResolvConf.parse(host.resolvConf());
        return ResolvConf.merge(
                switch (attachment) {
                    case NetworkAttachment.Own own -> reachable(inherited, host, own.gateway());
                    case NetworkAttachment.Host onHost -> inherited;
                },
                asked);
    }

    /// A resolver on the host's loopback, as systemd-resolved is, does not answer in the pod's namespace; the
    /// servers that it asks do. Where nobody says which those are, the pod's gateway stands for the resolver.
    private static DnsSettings reachable(DnsSettings inherited, Host host, Ipv4 gateway) {
        DnsSettings reachable = ResolvConf.withoutLoopback(inherited);
        if (reachable.servers().isEmpty() && !host.upstream().isEmpty()) {
            reachable = ResolvConf.withoutLoopback(ResolvConf.parse(host.upstream()));
        }
        return reachable.servers().isEmpty()
                        && ResolvConf.loopbackAlone(inherited).isPresent()
                ? new DnsSettings(List.of(gateway.toString()), inherited.searches(), inherited.options())
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
