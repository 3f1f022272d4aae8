package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a container sees of the host and of other containers, asked from inside.
@ExtendWith(SharedEngine.class)
class IsolationIT {
    private static final String STAY = "; exec /bin/busybox sleep 600";
    private static final String CONFINED = """
            apiVersion: v1
            kind: Pod
            metadata: {name: confined}
            spec:
              terminationGracePeriodSeconds: 1
              hostUsers: false
              shareProcessNamespace: true
              restartPolicy: Never
              securityContext:
                runAsUser: 1000
                fsGroup: 4711
                fsGroupChangePolicy: OnRootMismatch
                supplementalGroupsPolicy: Strict
                sysctls: [{name: net.core.somaxconn, value: "321"}]
                seccompProfile: {type: Localhost, localhostProfile: no-chmod.json}
              containers:
              - name: main
                image: toolbox
                imagePullPolicy: Never
                securityContext: {procMount: Unmasked}
                command:
                - /bin/busybox
                - sh
                - -c
                - |
                  b=/bin/busybox
                  echo somaxconn $($b cat /proc/sys/net/core/somaxconn)
                  echo groups $($b id -G)
                  echo volume $($b stat -c '%g %a' /d)
                  $b cat /proc/1/comm
                  $b grep -q ' /proc/' /proc/self/mounts || echo unmasked
                  echo x > /d/x
                  $b chmod 600 /d/x 2>&1
                  echo end
                volumeMounts: [{name: d, mountPath: /d}, {name: d, mountPath: /r, readOnly: true, recursiveReadOnly: Enabled}]
              volumes: [{name: d, emptyDir: {}}]
            """;

    private static final String WITH_DEVICE = """
            apiVersion: v1
            kind: Pod
            metadata: {name: devices}
            spec:
              terminationGracePeriodSeconds: 1
              restartPolicy: Never
              containers:
              - name: main
                image: toolbox
                imagePullPolicy: Never
                securityContext: {capabilities: {add: [SYS_ADMIN, SYSLOG]}}
                command:
                - /bin/busybox
                - sh
                - -c
                - |
                  exec 2>&1
                  b=/bin/busybox
                  $b true < /dev/null && echo null opened
                  $b mount -t tmpfs none /data && cd /data
                  $b mknod node b 7 0 && echo node made
                  $b true < node
                  $b true < /log && echo declared opened
                  echo end
                volumeMounts: [{name: log, mountPath: /log, readOnly: true}]
              volumes: [{name: log, hostPath: {path: /dev/kmsg, type: CharDevice}}]
            """;

    @Test
    @DisplayName("S01 a container has namespaces of its own, made by our own launcher")
    void a_container_has_namespaces_of_its_own(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("namespaces", "").in(engine).running(engine);

        for (String namespace : List.of("mnt", "pid", "net", "ipc", "uts", "cgroup")) {
            assertNotEquals(
                    Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)),
                    Files.readSymbolicLink(Path.of("/proc/" + sample.pid(engine) + "/ns/" + namespace)),
                    namespace);
        }
        sample.delete(engine);
    }

    @Test
    @DisplayName("S02 two containers with the same port, pid 1 and files do not see each other")
    void two_containers_do_not_see_each_other(EngineProcess engine) {
        String script = "echo %s > /same; /bin/busybox httpd -p 8080 -h / && echo pid $$; "
                + "while true; do /bin/busybox sleep 0.2; done";
        Sample one = Sample.container("one", script.formatted("one")).in(engine);
        Sample two = Sample.container("two", script.formatted("two")).in(engine);
        one.running(engine).wrote(engine, "pid 1\n");
        two.running(engine).wrote(engine, "pid 1\n");
        String first = same(engine, one);
        String second = same(engine, two);
        assertEquals("one\n", served(engine, first));
        assertEquals("two\n", served(engine, second));

        one.delete(engine);

        assertEquals("", served(engine, first));
        assertEquals("two\n", served(engine, second));
        assertEquals("Running", engine.field(two.object(), ".status.phase"));
        two.delete(engine);
    }

    /// Where a container's own file is served by its own port.
    private static String same(EngineProcess engine, Sample container) {
        return "http://%s:8080/same".formatted(engine.field(container.object(), ".status.podIPs[0].ip"));
    }

    /// Empty if nobody answers.
    private static String served(EngineProcess engine, String address) {
        return engine.shell(Path.of("/"), "curl -s --connect-timeout 1 " + address)
                .out();
    }

    @Test
    @DisplayName("S03 one manifest gives root file system, network address, names and process")
    void one_manifest_gives_everything(EngineProcess engine) {
        Sample sample = Sample.pod(
                        "whole",
                        "echo host $(/bin/busybox hostname); /bin/busybox cat /etc/hosts; "
                                + "/bin/busybox ip addr show eth0; /bin/busybox httpd -p 80 -h /data" + STAY)
                .in(engine)
                .running(engine);
        String address = engine.field(sample.object(), ".status.podIP");

        sample.wrote(engine, "host whole");
        sample.wrote(engine, address + "\twhole");
        sample.wrote(engine, "inet " + address + "/");
        engine.await("the page", () -> engine.shell(Path.of("/"), "curl -s http://" + address + "/seed.txt")
                .out()
                .equals("from the image\n"));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S35 the root is the image's own, and paths of the host are invisible")
    void the_root_is_the_images_own(EngineProcess engine) {
        Sample sample = Sample.container(
                        "root",
                        "/bin/busybox ls /; echo end; /bin/busybox grep -c ' / / ' /proc/self/mountinfo"
                                + "; /bin/busybox cat " + engine.home() + "/engine.log || echo invisible" + STAY)
                .in(engine);

        sample.wrote(engine, "invisible");

        assertEquals(
                List.of("bin", "data", "dev", "etc", "lib", "lib64", "proc", "sys").stream()
                        .filter(name -> sample.logs(engine).lines().toList().contains(name))
                        .toList(),
                sample.logs(engine)
                        .lines()
                        .takeWhile(line -> !line.equals("end"))
                        .filter(line -> !line.equals("usr"))
                        .toList());
        sample.delete(engine);
    }

    @Test
    @DisplayName("S36 a container has its own interface, route, resolv.conf and hosts")
    void a_container_has_its_own_network(EngineProcess engine) {
        Sample sample = Sample.container(
                        "network",
                        "/bin/busybox ip route; /bin/busybox ip addr show lo; "
                                + "/bin/busybox ls /sys/class/net; /bin/busybox cat /etc/resolv.conf && echo resolv"
                                + STAY)
                .in(engine);

        sample.wrote(engine, "resolv");

        String logs = sample.logs(engine);
        assertTrue(logs.contains("default via "), logs);
        assertTrue(logs.contains("127.0.0.1/8"), logs);
        assertEquals(
                List.of("eth0", "lo"),
                logs.lines().filter(line -> line.matches("eth0|lo")).toList());
        sample.delete(engine);
    }

    @Test
    @DisplayName("S37 S41 a container is pid 1 of its own process space on the host's kernel")
    void a_container_is_pid_1_of_its_own_space(EngineProcess engine) {
        Sample sample = Sample.container(
                        "pids", "echo pid $$; /bin/busybox ps -o pid; echo kernel $(/bin/busybox uname -r)" + STAY)
                .in(engine);
        sample.wrote(engine, "kernel " + System.getProperty("os.version"));

        String logs = sample.logs(engine);

        assertTrue(logs.contains("pid 1\n"), logs);
        assertTrue(logs.lines().filter(line -> line.matches(" *\\d+")).count() <= 3, logs);
        sample.delete(engine);
    }

    @Test
    @DisplayName("S39 S40 /proc and /sys cannot be written, devices of the host are absent, capabilities are few")
    void the_kernels_doors_are_shut(EngineProcess engine) {
        Sample sample = Sample.container(
                        "doors",
                        "echo 1 > /proc/sys/kernel/hostname || echo proc-shut; /bin/busybox mkdir /sys/x || echo sys-shut; "
                                + "/bin/busybox mount -t tmpfs x /data || echo mount-shut; "
                                + "/bin/busybox mknod /tmp-sda b 254 0 && /bin/busybox cat /tmp-sda || echo device-shut; "
                                + "/bin/busybox ls /dev/vda || echo no-host-disk; "
                                + "/bin/busybox grep CapEff /proc/self/status; /bin/busybox grep Seccomp: /proc/self/status"
                                + STAY)
                .in(engine);
        sample.wrote(engine, "Seccomp:");

        String logs = sample.logs(engine);

        for (String shut : List.of("proc-shut", "sys-shut", "mount-shut", "device-shut", "no-host-disk")) {
            assertTrue(logs.contains(shut), shut + " is missing in " + logs);
        }
        assertTrue(logs.contains("CapEff:\t00000000a80425fb"), logs);
        assertTrue(logs.contains("Seccomp:\t2"), logs);
        sample.delete(engine);
    }

    @Test
    @DisplayName("S40 who may mount and make nodes opens no device of the host but those that the pod declares")
    void devices_are_opened_as_far_as_they_are_declared(EngineProcess engine) {
        String said = engine.apply(WITH_DEVICE).err();

        Sample sample = Sample.pod("devices", "");
        sample.wrote(engine, "end");
        assertEquals("", said, "no field is ignored");
        assertEquals(
                "null opened\nnode made\nsh: can't open node: Operation not permitted\ndeclared opened\nend\n",
                sample.logs(engine));
        assertEquals(
                "", engine.field("node", ".items[*].status.conditions[?(@.type=='DeviceListNotEnforced')].reason"));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S40 limits of memory and processes act on the container alone")
    void limits_act_on_the_container_alone(EngineProcess engine) {
        Sample sample = Sample.pod(
                        "hungry",
                        "/bin/busybox tail -c 100000000 /dev/zero | /bin/busybox cat > /dev/null; echo $?; exit 1")
                .with("restartPolicy: Never")
                .with("resources: {}");
        engine.apply(sample.yaml()
                .replace("  resources: {}\n", "")
                .replace(
                        "    imagePullPolicy: Never",
                        "    imagePullPolicy: Never\n    resources: {limits: {memory: 20Mi}}"));

        engine.awaitField(sample.object(), ".status.phase", "Failed");

        assertFalse(engine.field(sample.object(), ".status.containerStatuses[0].state.terminated.reason")
                .isEmpty());
        sample.delete(engine);
    }

    @Test
    @DisplayName("S40 only a pod with hostIPC sees the shared memory of the host's processes")
    void only_a_pod_that_asks_for_it_sees_shared_memory_of_the_host(EngineProcess engine) throws IOException {
        String made =
                engine.shell(Path.of("/"), "ipcmk -M 74123 -p 0600").orFail().out();
        String id = made.substring(made.lastIndexOf(' ') + 1).strip();
        Path named = Files.createTempFile(Path.of("/dev/shm"), "slipway", "");
        String script =
                "/bin/busybox grep -c ' 74123 ' /proc/sysvipc/shm; /bin/busybox ls " + named + " 2>&1; echo end" + STAY;
        try {
            Sample apart = Sample.pod("apart", script).in(engine);
            Sample sharing = Sample.pod("sharing", script).with("hostIPC: true").in(engine);
            apart.wrote(engine, "end");
            sharing.wrote(engine, "end");

            assertEquals("0\nls: %s: No such file or directory\nend\n".formatted(named), apart.logs(engine));
            assertEquals("1\n%s\nend\n".formatted(named), sharing.logs(engine));
            apart.delete(engine);
            sharing.delete(engine);
        } finally {
            engine.shell(Path.of("/"), "ipcrm -m " + id).orFail();
            Files.delete(named);
        }
    }

    @Test
    @DisplayName("CVE-2024-25621: another user of the host reads nothing of the engine's and reaches no socket")
    void other_users_of_the_host_read_nothing_of_the_engine_s(EngineProcess engine) throws IOException {
        Sample sample =
                Sample.pod("kept", "echo a secret > /file" + STAY).in(engine).running(engine);
        // Its home is a temporary directory, which hides what is in it.
        Files.setPosixFilePermissions(engine.home(), PosixFilePermissions.fromString("rwx--x--x"));
        String asNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups ";
        String roots = engine.root() + " " + engine.run();

        String opened = engine.shell(Path.of("/"), asNobody + "find " + roots + " -mindepth 1")
                .out();
        // Places that containers mount on have nothing in them, and profiles are the administrator's own.
        String all = "find " + roots
                + " -mindepth 1 -not -path '*/root/mountpoints*' -not -path '*/run/empty' -not -path '*/root/seccomp*' | ";
        String reached = engine.shell(
                        Path.of("/"),
                        all + asNobody
                                + "sh -c 'while read -r f; do [ -r \"$f\" ] || [ -w \"$f\" ] && echo \"$f\"; done; true'")
                .orFail()
                .out();

        assertEquals("", opened);
        assertEquals("", reached);
        sample.delete(engine);
    }

    @Test
    void a_pod_has_all_that_its_security_contexts_ask_for(EngineProcess engine) throws IOException {
        Path profiles = Files.createDirectories(engine.root().resolve("seccomp"));
        Files.writeString(
                profiles.resolve("no-chmod.json"),
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"chmod\", \"fchmod\", \"fchmodat\"],"
                        + " \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28}]}");

        String said = engine.apply(CONFINED).err();

        Sample sample = Sample.pod("confined", "");
        sample.wrote(engine, "end");
        assertEquals("", said, "no field is ignored");
        assertEquals(
                "somaxconn 321\ngroups 1001 4711\nvolume 4711 2777\npause\nunmasked\nchmod: /d/x: No space left on device\nend\n",
                sample.logs(engine));
        sample.delete(engine);
    }
}
