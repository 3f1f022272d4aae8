package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.SandboxRequest.Ipc;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// A hostile program in a container of users of its own, in one with the host's users, and, so that an attempt that
/// proves nothing is noticed, where nothing is in its way. `doors.txt` says what it tries and what it hears.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DoorsKernelTest {
    private HostileLab lab;
    private List<Door> doors;

    @BeforeAll
    void open() throws Exception {
        doors = Door.all();
        lab = HostileLab.open();
    }

    @AfterAll
    void close() throws Exception {
        lab.close();
    }

    @Test
    @DisplayName("S40 every door is shut in a container with users of its own")
    void every_door_is_shut_in_a_container() throws Exception {
        Map<String, String> answers = knock("container", true, Security.STANDARD);

        assertEquals(Set.of(), Door.wrong(answers, doors, Door::container));
    }

    @Test
    @DisplayName("S40 every door is shut in a pod with the host's users")
    void every_door_is_shut_in_a_pod() throws Exception {
        Map<String, String> answers = knock("pod", false, Security.STANDARD);

        assertEquals(Set.of(), Door.wrong(answers, doors, Door::pod));
    }

    @Test
    void what_is_tried_succeeds_in_a_privileged_container() throws Exception {
        Map<String, String> answers = knock("privileged", false, HostileLab.privileged());

        assertEquals(Set.of(), shut("privileged", answers));
        assertEquals("hidden", answers.get("session_keyring"), "keys of whoever started the engine");
    }

    @Test
    void what_is_tried_succeeds_on_the_host() throws Exception {
        List<String> names = doors.stream()
                .filter(door -> door.isOpenIn("host"))
                .map(Door::name)
                .toList();

        assertEquals(Set.of(), shut("host", Door.answers(lab.programs().knockOnHost(names))));
    }

    @Test
    @DisplayName("S40 shared memory and queues of the host are those of a pod that asks for them, and of no other")
    void what_processes_of_the_host_share_is_there_for_a_pod_that_asks_for_it() throws Exception {
        Map<String, String> sharing = new TreeMap<>();
        for (Ipc ipc : Ipc.values()) {
            PodUid pod = lab.pod("ipc-" + ipc.ordinal(), new Sharing(false, ipc, false), Map.of());
            List<String> command = lab.programs().knocking("shared_memory", "message_queue");
            String output = lab.runtime().output(HostileLab.container(pod, "main", 0, command.toArray(String[]::new)));
            sharing.put(ipc.name(), output);
        }

        assertEquals(
                Map.of(
                        "HOST", "shared_memory open\nmessage_queue open\nend\n",
                        "POD", "shared_memory ENOENT\nmessage_queue ENOENT\nend\n",
                        "CONTAINER", "shared_memory ENOENT\nmessage_queue ENOENT\nend\n"),
                sharing);
    }

    /// The doors that have to be open in `place` and are not, with their answers.
    private Set<String> shut(String place, Map<String, String> answers) {
        return doors.stream()
                .filter(door -> door.isOpenIn(place) && !door.isShownBy(answers.get(door.name())))
                .map(door -> door.name() + " " + answers.get(door.name()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Map<String, String> knock(String name, boolean ownUsers, Security security) throws Exception {
        PodUid pod = lab.pod(name, ownUsers, Map.of());
        ContainerRequest request =
                HostileLab.container(pod, "main", 0, lab.programs().knocking().toArray(String[]::new));
        String output = lab.runtime().output(Requests.withSecurity(request, security));
        assertTrue(output.endsWith("end\n"), output);
        return Door.answers(output);
    }
}
