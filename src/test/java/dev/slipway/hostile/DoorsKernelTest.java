package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.snapshot.Staging;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
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
    private static final DiffId HOSTILE = new DiffId(Digest.sha256("hostile".getBytes(StandardCharsets.UTF_8)));

    private HostilePrograms programs;
    private RuntimeLab lab;
    private List<Door> doors;

    @BeforeAll
    void open() throws Exception {
        doors = Door.all();
        programs = HostilePrograms.prepare();
        lab = RuntimeLab.open();
        try (Staging staging = lab.snapshots().stage()) {
            HostilePrograms.fill(staging.directory(), programs.program());
            staging.commit(HOSTILE);
        }
    }

    @AfterAll
    void close() throws Exception {
        lab.close();
        programs.close();
    }

    @Test
    @DisplayName("S40 every door is shut in a container with users of its own")
    void every_door_is_shut_in_a_container() throws Exception {
        Map<String, String> answers = knock("container", true, Security.STANDARD);

        assertEquals(Set.of(), wrong(answers, Door::container));
    }

    @Test
    @DisplayName("S40 every door is shut in a pod with the host's users")
    void every_door_is_shut_in_a_pod() throws Exception {
        Map<String, String> answers = knock("pod", false, Security.STANDARD);

        assertEquals(Set.of(), wrong(answers, Door::pod));
    }

    @Test
    void what_is_tried_succeeds_in_a_privileged_container() throws Exception {
        Map<String, String> answers = knock("privileged", false, privileged());

        assertEquals(Set.of(), shut("privileged", answers));
        assertEquals("hidden", answers.get("session_keyring"), "keys of whoever started the engine");
    }

    @Test
    void what_is_tried_succeeds_on_the_host() throws Exception {
        List<String> names = doors.stream()
                .filter(door -> door.isOpenIn("host"))
                .map(Door::name)
                .toList();

        assertEquals(Set.of(), shut("host", Door.answers(programs.knockOnHost(names))));
    }

    /// The doors that have to be open in `place` and are not, with their answers.
    private Set<String> shut(String place, Map<String, String> answers) {
        return doors.stream()
                .filter(door -> door.isOpenIn(place) && !door.isShownBy(answers.get(door.name())))
                .map(door -> door.name() + " " + answers.get(door.name()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// The doors with other answers than those of a column, and doors that nobody knows.
    private Set<String> wrong(Map<String, String> answers, Function<Door, String> column) {
        Map<String, String> others = new TreeMap<>(answers);
        doors.forEach(door -> others.computeIfPresent(
                door.name(), (name, answer) -> Door.isAmong(answer, column.apply(door)) ? null : answer));
        Set<String> wrong = new TreeSet<>(doors.stream().map(Door::name).toList());
        wrong.removeAll(answers.keySet());
        others.forEach((name, answer) -> wrong.add(name + " " + answer));
        return wrong;
    }

    private Map<String, String> knock(String name, boolean ownUsers, Security security) throws Exception {
        PodUid pod = new PodUid(name);
        SandboxRequest plain = Requests.sandbox(pod);
        lab.sandbox(new SandboxRequest(
                pod,
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, ownUsers),
                plain.volumes()));
        ContainerRequest request = Requests.container(pod, "main", 0, image(), programs.knocking());
        String output = lab.output(Requests.withSecurity(request, security));
        assertTrue(output.endsWith("end\n"), output);
        return Door.answers(output);
    }

    private static LocalImage image() {
        return Requests.image(
                new RunParameters(
                        List.of(), List.of(), List.of(), "", "", Set.of(), "", Set.of(), Map.of(), null, List.of()),
                List.of(HOSTILE));
    }

    private static Security privileged() {
        return new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                true,
                true,
                false,
                List.of(),
                List.of(),
                Security.Seccomp.UNCONFINED,
                false,
                false);
    }
}
