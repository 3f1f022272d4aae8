package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.SandboxRequest.Dns;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EtcFilesTest {
    private static final String ADDRESS = "10.88.0.7";
    private static final EtcFiles.Host HOST =
            new EtcFiles.Host("127.0.0.1 localhost myhost\n", "nameserver 192.0.2.53\nsearch example.org\n", "");
    private static final EtcFiles.Host RESOLVED =
            new EtcFiles.Host("", "nameserver 127.0.0.53\n", "nameserver 192.0.2.54\nsearch upstream.example\n");

    @Test
    void a_pod_finds_itself_and_its_aliases() {
        EtcFiles files =
                render(SandboxRequest.Link.BRIDGE, Dns.HOST, List.of(List.of("192.0.2.1", "db", "db.example")), HOST);

        assertEquals("web\n", files.hostname());
        assertTrue(files.hosts().contains("10.88.0.7\tweb\n"), files.hosts());
        assertTrue(files.hosts().contains("192.0.2.1\tdb\tdb.example\n"), files.hosts());
        assertEquals("nameserver 192.0.2.53\nsearch example.org\n", files.resolvConf());
    }

    @Test
    void a_pod_on_the_hosts_network_finds_what_the_host_does() {
        EtcFiles files = render(SandboxRequest.Link.HOST, Dns.HOST, List.of(), RESOLVED);

        assertEquals("nameserver 127.0.0.53\n", files.resolvConf());
        assertTrue(render(SandboxRequest.Link.HOST, Dns.HOST, List.of(), HOST)
                .hosts()
                .contains("localhost myhost"));
    }

    @Test
    void a_pod_with_a_loopback_alone_finds_itself_there_and_asks_nobody_of_the_host() {
        Dns own = new Dns(true, List.of("127.0.0.1"), List.of(), List.of());

        EtcFiles files = render(SandboxRequest.Link.NONE, Dns.HOST, List.of(), HOST);

        assertTrue(files.hosts().contains("127.0.0.1\tweb\n"), files.hosts());
        assertEquals("", files.resolvConf());
        assertEquals(
                "nameserver 127.0.0.1\n",
                render(SandboxRequest.Link.NONE, own, List.of(), HOST).resolvConf());
    }

    @Test
    void the_servers_behind_a_local_resolver_are_asked_directly() {
        assertEquals(
                "nameserver 192.0.2.54\nsearch upstream.example\n",
                render(SandboxRequest.Link.BRIDGE, Dns.HOST, List.of(), RESOLVED)
                        .resolvConf());
    }

    @Test
    void settings_of_the_pod_add_to_the_hosts_or_replace_them() {
        List<String> servers = List.of("192.0.2.9");

        assertEquals(
                "nameserver 192.0.2.53\nnameserver 192.0.2.9\nsearch example.org\noptions ndots:2\n",
                render(
                                SandboxRequest.Link.BRIDGE,
                                new Dns(true, servers, List.of(), List.of("ndots:2")),
                                List.of(),
                                HOST)
                        .resolvConf());
        assertEquals(
                "nameserver 192.0.2.9\n",
                render(SandboxRequest.Link.BRIDGE, new Dns(false, servers, List.of(), List.of()), List.of(), HOST)
                        .resolvConf());
    }

    private static EtcFiles render(SandboxRequest.Link link, Dns dns, List<List<String>> aliases, EtcFiles.Host files) {
        SandboxRequest request = new SandboxRequest(
                new PodUid("pod"),
                "default",
                "web",
                "web",
                new SandboxRequest.Network(link, List.of(), dns, aliases),
                SandboxRequest.Sharing.OF_POD,
                Map.of());
        return EtcFiles.render(request, ADDRESS, files);
    }
}
