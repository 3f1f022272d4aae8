package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a Pod's manifest says about its life and its surroundings, on a whole engine.
@ExtendWith(SharedEngine.class)
class PodLifeIT {
    private static final String SHELL =
            "image: toolbox, imagePullPolicy: Never, command: [/bin/busybox, sh, -c, \"%s\"]";
    private static final String TICK = "i=0; while true; do i=$((i+1)); echo tick $i; /bin/busybox usleep 200000; done";
    private static final String WAIT = "while true; do /bin/busybox usleep 100000; done";
    private static final String MOUNTED = "volumeMounts: [{name: d, mountPath: /d}], ";
    private static final String SCORE = "/bin/busybox cat /proc/self/oom_score_adj";
    private static final int CAP_SYS_RESOURCE = 24;

    @Test
    @DisplayName("S33 a pod is paused, with its probes, and stopped and started by its annotation")
    void a_pod_follows_its_annotation(EngineProcess engine) {
        Sample clock = Sample.pod("clock", TICK).in(engine).running(engine);
        Sample sample = Sample.pod("obeys", TICK)
                .with(
                        "  livenessProbe: {exec: {command: [/bin/busybox, 'true']}, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 1}")
                .in(engine);
        sample.wrote(engine, "tick 3");

        desire(engine, sample, "Paused");
        engine.awaitField(sample.object(), condition("Paused"), "True");
        String frozen = sample.logs(engine);
        long then = lines(clock, engine);
        // Twice as long as a probe needs to end what does not answer.
        engine.await("eight seconds of the other pod", () -> lines(clock, engine) > then + 40);
        assertEquals(frozen, sample.logs(engine));

        desire(engine, sample, "Running");
        engine.awaitField(sample.object(), condition("Paused"), "");
        engine.await("more ticks", () -> sample.logs(engine).length() > frozen.length());
        assertEquals("0", engine.field(sample.object(), ".status.containerStatuses[0].restartCount"));

        desire(engine, sample, "Stopped");
        engine.awaitField(sample.object(), condition("Stopped"), "True");
        assertEquals("137", engine.field(sample.object(), ".status.containerStatuses[0].state.terminated.exitCode"));
        desire(engine, sample, "Running");
        engine.awaitField(sample.object(), ".status.phase", "Running");
        engine.awaitField(sample.object(), condition("Ready"), "True");
        sample.delete(engine);
        clock.delete(engine);
    }

    private static long lines(Sample sample, EngineProcess engine) {
        return sample.logs(engine).lines().count();
    }

    private static void desire(EngineProcess engine, Sample sample, String state) {
        engine.kubectl("annotate", sample.object(), "slipway.dev/desired-state=" + state, "--overwrite")
                .orFail();
    }

    @Test
    @DisplayName("S34 init containers run in their order, a sidecar begins before them and ends after the rest")
    void containers_begin_and_end_in_their_order(EngineProcess engine, @TempDir Path folder) throws IOException {
        apply(
                engine,
                "ordered",
                "restartPolicy: Never, volumes: [{name: d, hostPath: {path: %s}}]".formatted(folder),
                Map.of(
                        "initContainers",
                        List.of(
                                "name: side, restartPolicy: Always, startupProbe: {periodSeconds: 1,"
                                        + " exec: {command: [/bin/busybox, test, -s, /d/log]}}, " + MOUNTED
                                        + SHELL.formatted(
                                                "trap 'echo side ends >> /d/log; exit' TERM; echo side >> /d/log; "
                                                        + WAIT),
                                "name: one, " + MOUNTED + SHELL.formatted("echo one >> /d/log"),
                                "name: two, " + MOUNTED + SHELL.formatted("echo two >> /d/log")),
                        "containers",
                        List.of("name: main, " + MOUNTED + SHELL.formatted("echo main >> /d/log"))));

        engine.awaitField("pod/ordered", ".status.phase", "Succeeded");

        assertEquals("side\none\ntwo\nmain\nside ends\n", Files.readString(folder.resolve("log")));
        engine.kubectl("delete", "pod/ordered", "--timeout=20s").orFail();
    }

    @Test
    @DisplayName("S31 hooks come after the begin and before the end, which is asked for by the signal of the manifest")
    void a_container_is_greeted_warned_and_asked_by_its_own_signal(EngineProcess engine, @TempDir Path folder)
            throws IOException {
        String hook = "{exec: {command: [/bin/busybox, sh, -c, \"echo %s >> /d/log\"]}}";
        apply(
                engine,
                "polite",
                "os: {name: linux}, volumes: [{name: d, hostPath: {path: %s}}]".formatted(folder),
                Map.of(
                        "containers",
                        List.of("name: main, lifecycle: {stopSignal: SIGUSR1, postStart: %s, preStop: %s}, "
                                        .formatted(hook.formatted("greeted"), hook.formatted("warned"))
                                + MOUNTED
                                + SHELL.formatted("trap 'echo asked >> /d/log; exit 0' USR1; " + WAIT))));
        engine.awaitField("pod/polite", condition("Ready"), "True");

        engine.kubectl("delete", "pod/polite", "--grace-period=20", "--timeout=30s")
                .orFail();

        assertEquals("greeted\nwarned\nasked\n", Files.readString(folder.resolve("log")));
    }

    @Test
    @DisplayName("S34 a status tells the code, the message and the signal of each end")
    void a_status_tells_how_each_container_ended(EngineProcess engine) {
        apply(
                engine,
                "ends",
                "restartPolicy: Never",
                Map.of(
                        "containers",
                        List.of(
                                "name: code, " + SHELL.formatted("echo no more fuel > /dev/termination-log; exit 7"),
                                "name: other, terminationMessagePath: /tmp-end, "
                                        + SHELL.formatted("echo elsewhere > /tmp-end; exit 8"),
                                "name: words, terminationMessagePolicy: FallbackToLogsOnError, "
                                        + SHELL.formatted("echo last words; exit 9"),
                                "name: hungry, resources: {limits: {memory: 16Mi}}, "
                                        + SHELL.formatted("exec /bin/busybox tail -c 90000000 /dev/zero"))));

        engine.awaitField("pod/ends", ".status.phase", "Failed");

        assertEquals("7 no more fuel\n 0 Error", end(engine, "code"));
        assertEquals("8 elsewhere\n 0 Error", end(engine, "other"));
        assertEquals("9 last words\n 0 Error", end(engine, "words"));
        assertEquals("137  9 OOMKilled", end(engine, "hungry"));
        engine.kubectl("delete", "pod/ends", "--timeout=20s").orFail();
    }

    /// Code, message, signal and reason.
    private static String end(EngineProcess engine, String container) {
        String end = ".status.containerStatuses[?(@.name==\"%s\")].state.terminated".formatted(container);
        String signal = engine.field("pod/ends", end + ".signal");
        return String.join(
                " ",
                engine.field("pod/ends", end + ".exitCode"),
                engine.field("pod/ends", end + ".message"),
                signal.isEmpty() ? "0" : signal,
                engine.field("pod/ends", end + ".reason"));
    }

    @Test
    @DisplayName("S34 another image restarts its container alone")
    void only_the_container_that_changed_is_restarted(EngineProcess engine) {
        apply(
                engine,
                "changed",
                "terminationGracePeriodSeconds: 1",
                Map.of(
                        "containers",
                        List.of("name: main, " + SHELL.formatted(WAIT), "name: beside, " + SHELL.formatted(WAIT))));
        engine.awaitField("pod/changed", ".status.containerStatuses[?(@.ready==true)].name", "main beside");
        String before = started(engine, "beside");

        engine.kubectl("set", "image", "pod/changed", "main=docker.io/library/toolbox:latest")
                .orFail();

        engine.awaitField("pod/changed", ".status.containerStatuses[?(@.name==\"main\")].restartCount", "1");
        engine.awaitField("pod/changed", ".status.containerStatuses[?(@.ready==true)].name", "main beside");
        assertEquals(before, started(engine, "beside"));
        assertEquals("0", engine.field("pod/changed", ".status.containerStatuses[?(@.name==\"beside\")].restartCount"));
        engine.kubectl("delete", "pod/changed", "--timeout=20s").orFail();
    }

    private static String started(EngineProcess engine, String container) {
        return engine.field(
                "pod/changed",
                ".status.containerStatuses[?(@.name==\"%s\")].state.running.startedAt".formatted(container));
    }

    @Test
    @DisplayName("S36 names and the resolver are as the pod says")
    void names_are_looked_up_as_the_pod_says(EngineProcess engine) {
        String said = apply(
                engine,
                "named",
                "restartPolicy: Never, hostname: box, subdomain: zone, dnsPolicy: None,"
                        + " hostAliases: [{ip: 192.0.2.7, hostnames: [files, store]}],"
                        + " dnsConfig: {nameservers: [192.0.2.53], searches: [a.lan], options: [{name: ndots, value: '3'}]}",
                Map.of(
                        "containers",
                        List.of(
                                "name: main, "
                                        + SHELL.formatted(
                                                "/bin/busybox hostname; /bin/busybox cat /etc/resolv.conf /etc/hosts; echo end"))));
        Sample named = Sample.pod("named", "");
        named.wrote(engine, "end");

        String logs = named.logs(engine);

        assertEquals("", said, "no field is ignored");
        assertTrue(
                logs.startsWith("box\nnameserver 192.0.2.53\nsearch a.lan\noptions ndots:3\n")
                        || logs.startsWith("box\nsearch a.lan\nnameserver 192.0.2.53\noptions ndots:3\n"),
                logs);
        assertTrue(logs.contains("192.0.2.7\tfiles\tstore\n"), logs);
        String address = engine.field("pod/named", ".status.podIP");
        assertTrue(logs.matches("(?s).*\n" + address + "\tbox\\.zone\\.default\\.svc\\.[a-z.]+\tbox\n.*"), logs);
        named.delete(engine);
    }

    @Test
    @DisplayName("S36 S37 only a pod that asks for them has the network and the processes of the host")
    void namespaces_of_the_host_are_for_who_asks_for_them(EngineProcess engine) throws IOException {
        long pid = ProcessHandle.current().pid();
        String look = "/bin/busybox readlink /proc/self/ns/net; /bin/busybox cat /proc/%d/comm 2>&1; echo end; "
                .formatted(pid);
        Sample host = Sample.pod("onhost", look + WAIT)
                .with("hostNetwork: true")
                .with("hostPID: true")
                .in(engine);
        Sample apart = Sample.pod("offhost", look + WAIT).in(engine);
        host.wrote(engine, "end");
        apart.wrote(engine, "end");

        String network = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        String command = Files.readString(Path.of("/proc/self/comm"));
        assertEquals(network + "\n" + command + "end\n", host.logs(engine));
        assertTrue(!apart.logs(engine).contains(network), apart.logs(engine));
        assertTrue(!apart.logs(engine).contains(command), apart.logs(engine));
        host.delete(engine);
        apart.delete(engine);
    }

    @Test
    @DisplayName("S40 an AppArmor profile that the host does not have keeps a container from starting, in words")
    void a_profile_that_cannot_be_enforced_is_said(EngineProcess engine) {
        String said = apply(
                engine,
                "confined-by-none",
                "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: nobody-has-loaded-this}}",
                Map.of("containers", List.of("name: main, " + SHELL.formatted("echo ran; " + WAIT))));

        engine.await("why it waits", () -> engine.field(
                        "pod/confined-by-none", ".status.containerStatuses[0].state.waiting.message")
                .startsWith("Cannot enforce AppArmor: "));
        assertEquals("", said, "no field is ignored");
        assertEquals("Pending", engine.field("pod/confined-by-none", ".status.phase"));
        engine.kubectl("delete", "pod/confined-by-none", "--timeout=20s").orFail();
    }

    @Test
    @DisplayName("S40 who asked for more memory is killed later, as Kubernetes has it")
    void scores_follow_the_class_of_the_pod(EngineProcess engine) throws IOException {
        apply(
                engine,
                "scores",
                "restartPolicy: Never",
                Map.of("containers", List.of("name: main, " + SHELL.formatted(SCORE))));
        apply(
                engine,
                "between",
                "restartPolicy: Never",
                Map.of(
                        "containers",
                        List.of("name: main, resources: {requests: {memory: 64Mi}}, " + SHELL.formatted(SCORE))));
        apply(
                engine,
                "sure",
                "restartPolicy: Never",
                Map.of(
                        "containers",
                        List.of("name: main, resources: {limits: {cpu: 500m, memory: 64Mi}}, "
                                + SHELL.formatted(SCORE))));

        assertEquals(List.of("BestEffort", "1000"), score(engine, "scores"));
        int between = Integer.parseInt(score(engine, "between").getLast());
        assertTrue(between > 2 && between < 1000, "" + between);
        assertEquals("Burstable", score(engine, "between").getFirst());
        String own = Files.readString(Path.of("/proc/%d/oom_score_adj".formatted(engine.pid())))
                .strip();
        assertEquals(List.of("Guaranteed", mayLower() ? "-997" : own), score(engine, "sure"));
        engine.kubectl("delete", "pod/scores", "pod/between", "pod/sure", "--timeout=20s")
                .orFail();
    }

    private static List<String> score(EngineProcess engine, String pod) {
        engine.awaitField("pod/" + pod, ".status.phase", "Succeeded");
        return List.of(
                engine.field("pod/" + pod, ".status.qosClass"),
                Sample.pod(pod, "").logs(engine).strip());
    }

    /// Where a host has taken that from its root, a score stays what it is.
    private static boolean mayLower() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .anyMatch(line -> (Long.parseLong(line.substring(8).strip(), 16) >> CAP_SYS_RESOURCE & 1) == 1);
    }

    /// @param spec fields of the pod
    /// @param containers fields of each, by the list they are in
    /// @return what kubectl said on its stderr
    private static String apply(EngineProcess engine, String name, String spec, Map<String, List<String>> containers) {
        StringBuilder yaml =
                new StringBuilder("{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {%s".formatted(name, spec));
        containers.forEach((list, all) -> yaml.append(", ")
                .append(list)
                .append(": [{")
                .append(String.join("}, {", all))
                .append("}]"));
        return engine.apply(yaml.append("}}").toString()).err();
    }

    private static String condition(String type) {
        return ".status.conditions[?(@.type==\"%s\")].status".formatted(type);
    }
}
