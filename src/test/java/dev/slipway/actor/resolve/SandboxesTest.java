package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.runtime.SandboxRequest.Dns;
import dev.slipway.engine.runtime.SandboxRequest.Ipc;
import dev.slipway.engine.runtime.SandboxRequest.Link;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.runtime.SandboxRequest.PortMapping;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import dev.slipway.engine.runtime.SandboxRequest.Users;
import dev.slipway.engine.volume.VolumeGroup;
import dev.slipway.engine.volume.VolumeGroup.ChangePolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SandboxesTest {
    private static final String ONE = "containers: [{name: main, image: a}]\n";

    private final ResolveRig rig = new ResolveRig()
            .with("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {one: eins, two: zwei}}")
            .with("{apiVersion: v1, kind: Secret, metadata: {name: keys}, stringData: {pin: '1234'}}");

    @Test
    void a_plain_pod_has_a_network_and_a_name_of_its_own() throws Exception {
        SandboxRequest request = rig.sandbox(ONE);

        assertEquals("web", request.hostname());
        assertEquals(Link.BRIDGE, request.network().link());
        assertEquals(Dns.HOST, request.network().dns());
        assertEquals(new Sharing(false, Ipc.CONTAINER, false), request.sharing());
    }

    @Test
    void containers_of_one_pod_share_memory_and_users() throws Exception {
        SandboxRequest request = rig.sandbox(
                "{hostUsers: false, containers: [{name: a, image: a}], initContainers: [{name: b, image: b}]}");

        assertEquals(new Sharing(false, Ipc.POD, true), request.sharing());
        assertEquals(
                new Sharing(false, true, Ipc.CONTAINER, false),
                rig.sandbox("shareProcessNamespace: true\n" + ONE).sharing());
    }

    @Test
    void a_hostname_is_cut_to_what_a_domain_name_holds() throws Exception {
        assertEquals("db", rig.sandbox("hostname: db\n" + ONE).hostname());
        assertEquals(
                "h".repeat(62),
                rig.sandbox("hostname: " + "h".repeat(62) + "-x\n" + ONE).hostname());
    }

    @Test
    void a_pod_with_a_subdomain_has_a_full_name_that_the_kernel_is_told_on_request() throws Exception {
        String full = "db.pool.shop.svc.cluster.local";

        SandboxRequest plain = rig.sandbox("{hostname: db, subdomain: pool, containers: [{name: main, image: a}]}");
        SandboxRequest told = rig.sandbox("hostname: db\nsubdomain: pool\nsetHostnameAsFQDN: true\n" + ONE);

        assertEquals("db", plain.hostname());
        assertEquals(List.of(full, "db"), plain.network().names());
        assertEquals(full, told.hostname());
        assertEquals(List.of(full, "db"), told.network().names());
        assertEquals(
                "web",
                rig.sandbox("setHostnameAsFQDN: true\n" + ONE).hostname(),
                "without a subdomain nothing is full");
    }

    @Test
    void a_hostname_with_dots_replaces_all_other_names() throws Exception {
        SandboxRequest request =
                rig.sandbox("hostname: db\nsubdomain: pool\nhostnameOverride: www.example.com\n" + ONE);

        assertEquals("www.example.com", request.hostname());
        assertEquals(List.of("www.example.com"), request.network().names());
    }

    @Test
    void on_the_hosts_network_names_and_ports_are_the_hosts() throws Exception {
        SandboxRequest request = rig.sandbox("""
                hostNetwork: true
                hostPID: true
                hostIPC: true
                subdomain: pool
                setHostnameAsFQDN: true
                containers: [{name: main, image: a, ports: [{containerPort: 80}]}]
                """);

        assertEquals(Link.HOST, request.network().link());
        assertEquals("host-a", request.hostname());
        assertEquals(List.of(), request.network().ports());
        assertEquals(new Sharing(true, Ipc.HOST, false), request.sharing());
    }

    @Test
    void a_pod_that_wants_no_network_has_no_ports_of_the_host() throws Exception {
        ObjectNode pod = ResolveRig.pod("containers: [{name: a, image: a, ports: [{containerPort: 80, hostPort: 80}]}]")
                .tree()
                .deepCopy();
        pod.withObject("/metadata/annotations").put(PodAnnotations.NETWORK_MODE, "None");

        SandboxRequest request = Sandboxes.request(rig.scope(ApiObject.of(pod)));

        assertEquals(Link.NONE, request.network().link());
        assertEquals(List.of(), request.network().ports());
        pod.withObject("/metadata/annotations").put(PodAnnotations.NETWORK_MODE, "Bridge");
        assertEquals(
                Link.BRIDGE,
                Sandboxes.request(rig.scope(ApiObject.of(pod))).network().link());
    }

    @Test
    void a_pod_asks_for_an_address_by_an_annotation_that_is_one() throws Exception {
        assertEquals(Optional.empty(), rig.sandbox(ONE).network().address());
        assertEquals(Optional.of("10.88.1.5"), address("10.88.1.5", ONE));
        assertEquals(Optional.empty(), address("10.88.1.500", ONE), "stored before it was validated");
        assertEquals(Optional.empty(), address("10.88.1.5", "hostNetwork: true\n" + ONE));
    }

    private Optional<String> address(String said, String spec) throws MissingReferenceException {
        ObjectNode pod = ResolveRig.pod(spec).tree().deepCopy();
        pod.withObject("/metadata/annotations").put(PodAnnotations.NETWORK_ADDRESS, said);
        SandboxRequest request = Sandboxes.request(rig.scope(ApiObject.of(pod)));
        assertEquals(Sandboxes.address(ApiObject.of(pod)), request.network().address());
        return request.network().address();
    }

    @Test
    void ports_of_the_host_lead_to_the_pod() throws Exception {
        SandboxRequest request = rig.sandbox("""
                containers:
                - name: main
                  image: a
                  ports:
                  - {containerPort: 80, hostPort: 8080}
                  - {containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 127.0.0.1}
                  - {containerPort: 81}
                """);

        assertEquals(
                List.of(new PortMapping("", 8080, 80, "TCP"), new PortMapping("127.0.0.1", 53, 53, "UDP")),
                request.network().ports());
    }

    @Test
    void a_port_of_all_addresses_covers_those_of_one_and_only_ipv4_is_mapped() throws Exception {
        SandboxRequest request = rig.sandbox("""
                containers:
                - name: main
                  image: a
                  ports:
                  - {containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}
                  - {containerPort: 80, hostPort: 8080, hostIP: 0.0.0.0}
                  - {containerPort: 80, hostPort: 8080}
                  - {containerPort: 81, hostPort: 8081, hostIP: "::1"}
                """);

        assertEquals(
                List.of(new PortMapping("", 8080, 80, "TCP")), request.network().ports());
    }

    @Test
    void names_are_looked_up_as_the_pod_says() throws Exception {
        SandboxRequest request = rig.sandbox("""
                dnsPolicy: None
                dnsConfig:
                  nameservers: [192.0.2.53]
                  searches: [example.org]
                  options: [{name: ndots, value: "2"}, {name: edns0}]
                hostAliases: [{ip: 192.0.2.9, hostnames: [nine, neun]}]
                containers: [{name: main, image: a}]
                """);

        assertEquals(
                new Dns(false, List.of("192.0.2.53"), List.of("example.org"), List.of("ndots:2", "edns0")),
                request.network().dns());
        assertEquals(
                List.of(List.of("192.0.2.9", "nine", "neun")), request.network().hostAliases());
    }

    @Test
    void volumes_are_what_their_sources_say() throws Exception {
        rig.with("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: data}
                status: {conditions: [{type: Ready, status: "True"}]}
                """).with("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: media}
                spec: {hostPath: {path: /srv/media, type: Directory}}
                status: {conditions: [{type: Ready, status: "True"}]}
                """);

        Map<String, PodVolume> volumes = rig.sandbox(ONE + """
                volumes:
                - {name: e, emptyDir: {}}
                - {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
                - {name: h, hostPath: {path: /srv, type: DirectoryOrCreate}}
                - {name: d, persistentVolumeClaim: {claimName: data}}
                - {name: x, persistentVolumeClaim: {claimName: media}}
                - {name: n, nfs: {server: files, path: /srv, readOnly: true}}
                """).volumes();

        assertEquals(
                Map.of(
                        "e", new PodVolume.EmptyDir(false, Optional.empty()),
                        "m", new PodVolume.EmptyDir(true, Optional.of(1L << 20)),
                        "h", new PodVolume.HostPath("/srv", "DirectoryOrCreate"),
                        "d", new PodVolume.Managed("shop.data"),
                        "x", new PodVolume.HostPath("/srv/media", "Directory"),
                        "n", new PodVolume.Nfs("files", "/srv", true)),
                volumes);
    }

    @Test
    void huge_pages_have_the_size_of_the_medium_else_of_the_only_request() throws Exception {
        String container = """
                containers:
                - {name: main, image: a, resources: {limits: {hugepages-2Mi: 4Mi}, requests: {hugepages-2Mi: 4Mi}}}
                """;

        assertEquals(
                Map.of(
                        "one", new PodVolume.HugePages(2L << 20, OptionalLong.empty()),
                        "two", new PodVolume.HugePages(2L << 20, OptionalLong.of(4L << 20))),
                rig.sandbox(container
                                + "volumes: [{name: one, emptyDir: {medium: HugePages}},"
                                + " {name: two, emptyDir: {medium: HugePages-2Mi, sizeLimit: 4Mi}}]")
                        .volumes());
        MissingReferenceException missing = assertThrows(
                MissingReferenceException.class,
                () -> rig.sandbox(container + "volumes: [{name: one, emptyDir: {medium: HugePages-1Gi}}]"));
        assertTrue(missing.words().contains("needs a container that requests"), missing.words());
    }

    @Test
    void users_of_its_own_may_be_asked_for_by_number() throws Exception {
        Users users = rig.sandbox("hostUsers: false\n" + ONE).sharing().users();

        assertEquals(new Users.Own(OptionalInt.empty(), 65_536), users);
    }

    @Test
    void kernel_parameters_may_be_spelled_with_slashes() throws Exception {
        SandboxRequest request = rig.sandbox("""
                securityContext:
                  sysctls:
                  - {name: net.core.somaxconn, value: "7"}
                  - {name: kernel/shmmax, value: "8"}
                  - {name: net/ipv4/conf/eth0.7/forwarding, value: "1"}
                  - {name: net.ipv4.conf.eth1/7.forwarding, value: "0"}
                containers: [{name: main, image: a}]
                """);

        assertEquals(
                Map.of(
                        "net.core.somaxconn", "7",
                        "kernel.shmmax", "8",
                        "net.ipv4.conf.eth0/7.forwarding", "1",
                        "net.ipv4.conf.eth1/7.forwarding", "0"),
                request.sysctls());
    }

    @Test
    void volumes_belong_to_the_group_of_the_pod() throws Exception {
        assertEquals(
                Optional.of(new VolumeGroup(7, ChangePolicy.ALWAYS)),
                rig.sandbox("securityContext: {fsGroup: 7}\n" + ONE).group());
        assertEquals(
                Optional.of(new VolumeGroup(7, ChangePolicy.ON_ROOT_MISMATCH)),
                rig.sandbox("securityContext: {fsGroup: 7, fsGroupChangePolicy: OnRootMismatch}\n" + ONE)
                        .group());
        assertEquals(Optional.empty(), rig.sandbox(ONE).group());
    }

    @Test
    void files_have_their_names_modes_and_contents() throws Exception {
        assertEquals("{one=644 eins, two=644 zwei}", files("configMap: {name: words}"));
        assertEquals(
                "{deep/1=600 eins, two=400 zwei}",
                files("configMap: {name: words, defaultMode: 256, items: "
                        + "[{key: one, path: deep/1, mode: 384}, {key: two, path: two}]}"));
        assertEquals("{pin=644 1234}", files("secret: {secretName: keys}"));
        assertEquals(
                "{labels=644 a=\"one\"\nb=\"two\", notes=644 note=\"say \\\"hi\\\"\"}",
                files("downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}, "
                        + "{path: notes, fieldRef: {fieldPath: metadata.annotations}}]}"));
        assertEquals("{}", files("configMap: {name: none, optional: true}"));
    }

    @Test
    void a_projection_joins_its_sources_and_is_secret_when_one_is() throws Exception {
        String projected = """
                projected:
                  defaultMode: 288
                  sources:
                  - {configMap: {name: words, items: [{key: one, path: one}]}}
                  - {secret: {name: keys}}
                  - {downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
                """;

        assertEquals("{name=440 web, one=440 eins, pin=440 1234}", files(projected));
        assertTrue(projection(projected).secret());
        assertFalse(projection("configMap: {name: words}").secret());
    }

    @Test
    void an_ephemeral_volume_is_that_of_the_pods_own_claim() throws Exception {
        String source = "ephemeral: {volumeClaimTemplate: {spec: {}}}";
        String begin = "MountVolume.SetUp failed for volume \"v\" : ";
        assertEquals(begin + "persistentvolumeclaim \"web-v\" not found", missing(source));
        String claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: web-v,"
                + " ownerReferences: [{kind: Pod, name: web, uid: %s, controller: true}]}}";
        rig.with(claim.formatted("u-0"));
        assertEquals(begin + "PVC shop/web-v was not created for pod shop/web (pod is not owner)", missing(source));
        rig.with(claim.formatted("u-1"));
        assertEquals(begin + "persistentvolumeclaim \"web-v\" is not bound to a volume", missing(source));

        rig.with("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: web-v},"
                + " status: {conditions: [{type: Ready, status: \"True\"}]}}");

        assertEquals(
                Map.of("v", new PodVolume.Managed("shop.web-v")),
                rig.sandbox(ONE + "volumes:\n- name: v\n  " + source).volumes());
    }

    @Test
    void what_is_missing_is_said_in_the_kubelets_words() {
        String begin = "MountVolume.SetUp failed for volume \"v\" : ";
        assertEquals(begin + "configmap \"none\" not found", missing("configMap: {name: none}"));
        assertEquals(begin + "secret \"none\" not found", missing("secret: {secretName: none}"));
        assertEquals(
                begin + "references non-existent config key: none",
                missing("configMap: {name: words, items: [{key: none, path: a}]}"));
        assertEquals(
                begin + "references non-existent secret key: none",
                missing("secret: {secretName: keys, items: [{key: none, path: a}]}"));
        assertEquals(
                begin + "neither a persistentvolumeclaim nor a volume \"none\" was found",
                missing("persistentVolumeClaim: {claimName: none}"));
    }

    private String missing(String source) {
        return assertThrows(MissingReferenceException.class, () -> projection(source))
                .words();
    }

    private PodVolume.Projection projection(String source) throws MissingReferenceException {
        String volume = "volumes:\n- name: v\n" + source.indent(2);
        return (PodVolume.Projection) rig.sandbox(ONE + volume).volumes().get("v");
    }

    /// Files as `<path>=<octal mode> <content>`.
    private String files(String source) throws MissingReferenceException {
        return projection(source).files().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> "%o %s"
                                .formatted(
                                        entry.getValue().mode(),
                                        new String(entry.getValue().content(), StandardCharsets.UTF_8)),
                        (one, two) -> two,
                        TreeMap::new))
                .toString();
    }
}
