package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.ProjectedFile;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What containers of a pod share, as far as it is made before any of them.
class SandboxKernelTest {
    private static final PodUid POD = new PodUid("pod");

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void a_sandbox_has_files_and_namespaces_and_leaves_none() throws Exception {
        SandboxOutcome.Ready ready = ready(Requests.sandbox(POD));

        assertTrue(ready.sandbox().address().startsWith("10.99.0."));
        assertTrue(Files.readString(lab.files().etc(POD, "hosts"))
                .contains(ready.sandbox().address() + "\tweb\n"));
        assertEquals("web\n", Files.readString(lab.files().etc(POD, "hostname")));
        assertTrue(lab.mounts().contains(lab.files().ipc(POD).toRealPath()));
        assertTrue(lab.mounts().contains(lab.files().sharedMemory(POD).toRealPath()));
        assertTrue(lab.cgroups().pods().contains(POD));

        lab.runtime().removePod(POD);

        assertFalse(Files.exists(lab.files().pod(POD)));
        assertFalse(Files.exists(lab.files().durablePod(POD)));
        assertFalse(lab.cgroups().pods().contains(POD));
        assertTrue(lab.mounts().stream().noneMatch(mount -> mount.toString().contains("/pods/")));
    }

    @Test
    void a_full_name_that_the_kernel_cannot_be_told_is_refused_before_anything_is_made() throws Exception {
        SandboxOutcome outcome =
                lab.runtime().ensureSandbox(Requests.named("a".repeat(40) + "." + "b".repeat(24), List.of()));

        assertEquals(
                "Failed to construct FQDN from Pod hostname and cluster domain, FQDN " + "a".repeat(40) + "."
                        + "b".repeat(24) + " is too long (64 characters is the max, 65 characters requested)",
                assertInstanceOf(SandboxOutcome.Failed.class, outcome).message());
        assertFalse(Files.exists(lab.files().pod(POD)));
    }

    @Test
    void a_sandbox_that_is_there_keeps_its_hostname() throws Exception {
        ready(Requests.sandbox(POD));
        Files.delete(lab.files().etc(POD, "resolv.conf"));

        ready(Requests.named("a".repeat(65), List.of()));

        assertEquals("web\n", Files.readString(lab.files().etc(POD, "hostname")));
    }

    @Test
    void each_pod_has_an_ipc_namespace_of_its_own() throws Exception {
        ready(Requests.sandbox(POD));
        PodUid other = new PodUid("other");
        ready(Requests.sandbox(other));

        assertNotEquals(inode(lab.files().ipc(POD)), inode(lab.files().ipc(other)));
        assertNotEquals(inode(Path.of("/proc/self/ns/ipc")), inode(lab.files().ipc(POD)));
    }

    @Test
    void a_part_that_was_removed_comes_back() throws Exception {
        ready(Requests.sandbox(POD));
        Files.delete(lab.files().etc(POD, "resolv.conf"));
        Mounts.detach(lab.files().sharedMemory(POD));

        ready(Requests.sandbox(POD));

        assertTrue(Files.exists(lab.files().etc(POD, "resolv.conf")));
        assertTrue(lab.mounts().contains(lab.files().sharedMemory(POD).toRealPath()));
    }

    @Test
    void what_a_container_wrote_to_hosts_stays() throws Exception {
        ready(Requests.sandbox(POD));
        Files.writeString(lab.files().etc(POD, "hosts"), "192.0.2.1 mine\n");

        ready(Requests.sandbox(POD));

        assertEquals("192.0.2.1 mine\n", Files.readString(lab.files().etc(POD, "hosts")));
    }

    @Test
    void projected_files_follow_the_request() throws Exception {
        ready(projecting("one"));
        Path file = lab.run().resolve("volumes/pod/config/greeting");
        assertEquals("one", Files.readString(file));

        ready(projecting("two"));

        assertEquals("two", Files.readString(file));
    }

    @Test
    void a_volume_that_is_not_there_yet_is_refused_and_found_later() throws Exception {
        SandboxRequest request = Requests.sandbox(POD, Map.of("data", new PodVolume.Managed("data")));

        SandboxOutcome.Refused refused =
                assertInstanceOf(SandboxOutcome.Refused.class, lab.runtime().ensureSandbox(request));

        assertEquals("volume data is not there", refused.message());
        assertEquals(Optional.empty(), lab.runtime().find(POD));
        lab.volumes().ensure(new VolumeName("data"), Ownership.ROOT);
        ready(request);
        lab.runtime().removePod(POD);
        assertTrue(lab.volumes().find(new VolumeName("data")).isPresent());
    }

    @Test
    void a_host_path_of_another_type_is_refused_in_the_words_of_kubernetes() throws Exception {
        SandboxRequest request =
                Requests.sandbox(POD, Map.of("data", new PodVolume.HostPath("/etc/passwd", "Directory")));

        SandboxOutcome.Refused refused =
                assertInstanceOf(SandboxOutcome.Refused.class, lab.runtime().ensureSandbox(request));

        assertEquals("hostPath type check failed: /etc/passwd is not a directory", refused.message());
    }

    @Test
    void a_port_that_another_pod_has_is_refused_until_that_is_gone() throws Exception {
        SandboxRequest.Network network = new SandboxRequest.Network(
                SandboxRequest.Link.BRIDGE,
                List.of(new SandboxRequest.PortMapping("", 18099, 80, "TCP")),
                SandboxRequest.Dns.HOST,
                List.of());
        lab.onHost(() -> ready(with(Requests.sandbox(POD), network)));
        PodUid other = new PodUid("other");

        SandboxOutcome outcome = lab.onHost(() -> lab.runtime().ensureSandbox(with(Requests.sandbox(other), network)));

        SandboxOutcome.Refused refused = assertInstanceOf(SandboxOutcome.Refused.class, outcome);
        assertEquals("map host port 0.0.0.0:18099/TCP: already in use by pod default/web", refused.message());
        Set<PodUid> heard = ConcurrentHashMap.newKeySet();
        lab.runtime().listen(heard::add);
        lab.onHost(() -> {
            lab.runtime().removePod(POD);
            return "";
        });
        assertEquals(Set.of(other), heard, "it need not wait for its next try");
        lab.onHost(() -> ready(with(Requests.sandbox(other), network)));
    }

    @Test
    void a_pod_on_the_hosts_network_has_its_address_and_no_namespace() throws Exception {
        SandboxRequest.Network network =
                new SandboxRequest.Network(SandboxRequest.Link.HOST, List.of(), SandboxRequest.Dns.HOST, List.of());

        SandboxOutcome.Ready ready = ready(with(Requests.sandbox(POD), network));

        assertEquals("127.0.0.1", ready.sandbox().address());
        assertFalse(Files.exists(lab.run().resolve("network/pod")));
    }

    @Test
    void a_sandbox_is_found_again_after_the_engine_was_killed() throws Exception {
        ready(Requests.sandbox(POD));
        PodState before = lab.runtime().find(POD).orElseThrow();

        List<PodState> after = lab.restart();

        assertEquals(List.of(before), after);
    }

    @Test
    void what_was_half_made_is_removed_when_the_engine_starts() throws Exception {
        ready(Requests.sandbox(POD));
        Files.delete(lab.files().sandbox(POD));

        assertEquals(List.of(), lab.restart());

        assertFalse(Files.exists(lab.files().pod(POD)));
        assertFalse(Files.exists(lab.run().resolve("network/pod")));
        assertFalse(lab.cgroups().pods().contains(POD));
    }

    private SandboxOutcome.Ready ready(SandboxRequest request) throws InterruptedException {
        return assertInstanceOf(SandboxOutcome.Ready.class, lab.runtime().ensureSandbox(request));
    }

    private static SandboxRequest projecting(String greeting) {
        ProjectedFile file = new ProjectedFile(greeting.getBytes(StandardCharsets.UTF_8), 0644);
        return Requests.sandbox(POD, Map.of("config", new PodVolume.Projection(Map.of("greeting", file), false)));
    }

    private static SandboxRequest with(SandboxRequest plain, SandboxRequest.Network network) {
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                network,
                plain.sharing(),
                plain.volumes());
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino");
    }
}
