package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.hostile.Door;
import dev.slipway.hostile.HostilePrograms;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// A container is a system of its own, as far as its programs can tell, and they cannot get at the host's: probes and a
/// hostile program inside a Container and a Pod with nothing but defaults, while the host holds things to be found.
@ExtendWith(SharedEngine.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostIndependenceIT {
    /// One line `name: value` for each thing that a program may ask about the system that it is on.
    private static final String PROBES = """
            b=/bin/busybox
            echo hostname: $($b hostname) $($b cat /proc/sys/kernel/hostname)
            echo renamed: $($b hostname other 2>&1)
            echo shm: $($b tail -n +2 /proc/sysvipc/shm | $b wc -l)
            echo queues: $($b ls /dev/mqueue | $b wc -l)
            echo processes: $($b ls /proc | $b grep -c '^[0-9]*$')
            echo first: $($b cat /proc/1/comm)
            echo devices: $($b ls /dev)
            echo interfaces: $($b ls /sys/class/net)
            echo sysfs: $($b grep -c ' /sys sysfs ro,' /proc/mounts)
            echo disks: $($b grep -c ' / ext4\\| / xfs\\| / btrfs' /proc/mounts)
            echo cgroup: $($b cut -d : -f 3 /proc/self/cgroup | $b sort -u)
            echo memory: $($b cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null)
            echo uid: $($b awk '{print $1, $2, $3}' /proc/self/uid_map)
            echo environment: $($b tr '\\0' '\\n' < /proc/1/environ | $b cut -d = -f 1 | $b sort)
            $b touch /now
            echo clock: $($b date +%s) $($b stat -c %Y /now)
            echo image: $($b stat -c %Y /data/seed.txt)
            echo set: $($b date -s @1 2>&1)
            echo kernel: $($b uname -r)
            echo end: end
            $b sleep 600""";

    private HostilePrograms programs;

    @BeforeAll
    void open() throws IOException {
        programs = HostilePrograms.prepare();
    }

    @AfterAll
    void close() throws IOException {
        programs.close();
    }

    @Test
    @DisplayName("S39 a container works as on a system of its own, whatever the host's is")
    void a_container_works_as_on_a_system_of_its_own(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("independent", PROBES)
                .with("resources: {limits: {memory: 64Mi}}")
                .in(engine);
        sample.wrote(engine, "end: end");

        Map<String, String> found = found(sample.logs(engine));

        long now = Instant.now().getEpochSecond();
        assertNotEquals("independent", InetAddress.getLocalHost().getHostName());
        assertEquals("independent independent", found.get("hostname"));
        assertTrue(found.get("renamed").contains("Operation not permitted"), found.get("renamed"));
        assertTrue(Files.readAllLines(Path.of("/proc/sysvipc/shm")).size() > 1, "the host has shared memory");
        assertEquals("0", found.get("shm"));
        assertEquals("0", found.get("queues"));
        assertTrue(Integer.parseInt(found.get("processes")) < 8, found.get("processes"));
        assertEquals("busybox", found.get("first"));
        assertEquals(
                "fd full mqueue null ptmx pts random shm stderr stdin stdout termination-log tty urandom zero",
                found.get("devices"));
        assertEquals("eth0 lo", found.get("interfaces"));
        assertEquals("1", found.get("sysfs"));
        assertEquals("0", found.get("disks"));
        assertEquals("/", found.get("cgroup"));
        assertEquals("67108864", found.get("memory"));
        assertTrue(found.get("uid").matches("0 [1-9]\\d{9} 65536"), found.get("uid"));
        assertEquals("BOTH FROM_IMAGE HOME HOSTNAME PATH", found.get("environment"));
        for (String time : found.get("clock").split(" ")) {
            assertTrue(Math.abs(now - Long.parseLong(time)) < 120, found.get("clock"));
        }
        assertEquals("1", found.get("image"), "the time of all files of an image that is built");
        assertTrue(found.get("set").contains("Operation not permitted"), found.get("set"));
        assertEquals(System.getProperty("os.version"), found.get("kernel"));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S40 a hostile program that is executed in a Container finds every door shut")
    void a_hostile_program_in_a_container_finds_every_door_shut(EngineProcess engine) throws IOException {
        assertEquals(Set.of(), knock(engine, Sample.container("hostile-container", ""), Door::container));
    }

    @Test
    @DisplayName("S40 a hostile program that is executed in a Pod finds every door shut")
    void a_hostile_program_in_a_pod_finds_every_door_shut(EngineProcess engine) throws IOException {
        assertEquals(Set.of(), knock(engine, Sample.pod("hostile-pod", "exec /bin/busybox sleep 600"), Door::pod));
    }

    /// @return wrong answers
    private Set<String> knock(EngineProcess engine, Sample sample, Function<Door, String> column) throws IOException {
        sample.in(engine).running(engine);
        String name = sample.object().split("/")[1];
        engine.shell(
                        programs.program().getParent(),
                        "kubectl exec -i " + name
                                + " -- /bin/busybox sh -c 'cat > /knock && /bin/busybox chmod 755 /knock' < knock")
                .orFail();
        // The image of these has no device node, which the name of the door is about.
        List<Door> doors = Door.all().stream()
                .filter(door -> !door.name().equals("image_device"))
                .toList();
        String command = programs.knocking(doors.stream().map(Door::name).toArray(String[]::new)).stream()
                .collect(Collectors.joining(" ", "kubectl exec " + name + " -- ", ""));

        String output = engine.shell(Path.of("/"), command).orFail().out();

        assertTrue(output.endsWith("end\n"), output);
        sample.delete(engine);
        return Door.wrong(Door.answers(output), doors, column);
    }

    private static Map<String, String> found(String log) {
        Map<String, String> found = new TreeMap<>();
        log.lines()
                .map(line -> line.split(": ?", 2))
                .filter(words -> words.length == 2)
                .forEach(words -> found.put(words[0], words[1]));
        return found;
    }
}
