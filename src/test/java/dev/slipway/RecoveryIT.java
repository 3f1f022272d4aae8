package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The engine may die at any moment: containers go on, and a start with the same data converges. An engine of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryIT {
    private static final RecoveryTimes TIMES = new RecoveryTimes();
    private static final String SERVE =
            "/bin/busybox mkdir /www; echo here > /www/index.html;" + " exec /bin/busybox httpd -f -p 8080 -h /www";
    private static final int ANSWER_LIMIT_MILLIS = 200;

    /// Of a pod: uid, run directory and root of the engine. Processes that are born meanwhile are moved the next time.
    private static final String TAKE_AWAY = """
            uid=%s; run=%s; root=%s
            awk -v uid=$uid 'index($5, uid) {print $5}' /proc/self/mountinfo | sort -r | while read -r each; do
              umount -l "$each" || exit 1
            done
            rm -rf "$run/network/$uid/netns" "$root/pods/$uid" || exit 1
            find /sys/fs/cgroup -depth -type d -path "*$uid*" | while read -r each; do
              elsewhere=$(echo "$each" | cut -d/ -f1-5)/cgroup.procs
              for i in 1 2 3 4 5 6 7 8 9 10; do
                for pid in $(cat "$each/cgroup.procs"); do echo $pid >"$elsewhere"; done
                rmdir "$each" && break
              done
            done
            test -z "$(find /sys/fs/cgroup -type d -path "*$uid*")"
            """;

    private static final String SECRETS = """
            apiVersion: v1
            kind: Secret
            metadata: {name: whispered}
            stringData: {word: nobody-hears-this}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: login}
            type: kubernetes.io/dockerconfigjson
            data: {.dockerconfigjson: %s}
            ---
            apiVersion: slipway.dev/v1alpha1
            kind: Registry
            metadata: {name: locked}
            spec: {host: "%s", credentials: [{secretRef: {name: login, namespace: default}}]}
            """;
    private static final String SWORN = """
            apiVersion: v1
            kind: Pod
            metadata: {name: sworn}
            spec:
              terminationGracePeriodSeconds: 1
              imagePullSecrets: [{name: login}]
              containers:
              - name: main
                image: %s/box:1
                imagePullPolicy: Always
                command: [/bin/busybox, sh, -c, 'read word < /s/word; test $word = $WORD && echo knows it; exec /bin/busybox sleep 600']
                env: [{name: WORD, valueFrom: {secretKeyRef: {name: whispered, key: word}}}]
                volumeMounts: [{name: s, mountPath: /s}]
              volumes: [{name: s, secret: {secretName: whispered}}]
            """;

    private EngineProcess engine;

    @BeforeAll
    void start() throws IOException {
        engine = SharedEngine.fresh();
    }

    @AfterAll
    void stop() throws IOException {
        TIMES.print();
        engine.close();
    }

    @Test
    void containers_outlive_a_killed_engine_and_are_found_again(@TempDir Path folder) throws Exception {
        Sample steady = Sample.container(
                        "steady", "i=0; while true; do i=$((i+1)); echo tick $i; /bin/busybox usleep 100000; done")
                .in(engine)
                .running(engine);
        String wait = "until [ -e /d/go ]; do /bin/busybox usleep 50000; done; exit 5 # " + folder;
        Sample ending = Sample.pod("ending", wait)
                .with("  volumeMounts: [{name: d, mountPath: /d}]")
                .with("volumes: [{name: d, hostPath: {path: %s}}]".formatted(folder))
                .with("restartPolicy: Never")
                .in(engine)
                .running(engine);
        long pid = steady.pid(engine);

        engine.kill();
        assertTrue(Files.exists(Path.of("/proc/" + pid)), "the container went with the engine");
        Files.createFile(folder.resolve("go"));
        waitForEndOf(folder.toString());
        long gone = System.nanoTime();
        engine.restart();
        TIMES.since(gone, "engine killed and started again", "back");

        steady.running(engine);
        assertEquals(pid, steady.pid(engine));
        assertEquals("0", engine.field(steady.object(), ".status.restartCount"));
        engine.awaitField(ending.object(), ".status.containerStatuses[0].state.terminated.exitCode", "5");
        List<String> ticks = steady.logs(engine).lines().toList();
        assertEquals("tick " + ticks.size(), ticks.getLast(), "no line of the log was lost");
        steady.delete(engine);
        ending.delete(engine);
        assertFalse(Files.exists(Path.of("/proc/" + pid)));
    }

    @Test
    void wishes_written_just_before_a_kill_are_fulfilled_after_it() throws Exception {
        Sample late = Sample.container("late", "echo here; exec /bin/busybox sleep 600")
                .in(engine);

        engine.kill();
        engine.restart();

        late.running(engine);
        late.wrote(engine, "here");
        assertEquals(1, late.logs(engine).lines().count(), "it was started once");
        late.delete(engine);
    }

    @Test
    void what_a_used_secret_says_is_nowhere_on_the_disk(@TempDir Path folder) throws Exception {
        Path passwords = Files.writeString(
                folder.resolve("htpasswd"), "anna:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n");
        try (DockerRegistry registry =
                new DockerRegistry(folder, "auth:\n  htpasswd: {realm: test, path: " + passwords + "}")) {
            String login = "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(registry.host(), base64("anna:secret"));
            engine.apply(SECRETS.formatted(base64(login), registry.host()));
            engine.await(
                    "the image to be pushed",
                    () -> engine.slipway("image", "push", "toolbox", registry.host() + "/box:1")
                                    .code()
                            == 0);
            engine.kubectl("delete", "registry/locked").orFail();
            engine.apply(SWORN.formatted(registry.host()));
            Sample sworn = Sample.pod("sworn", "");
            sworn.wrote(engine, "knows it");

            assertEquals(List.of(), filesWith("nobody-hears-this", "anna:secret", login));
            engine.kill();
            assertEquals(List.of(), filesWith("nobody-hears-this", "anna:secret", login));
            assertFalse(filesWith("whispered").isEmpty(), "the name of the Secret would be found");

            engine.restart();
            sworn.running(engine);
            sworn.delete(engine);
            engine.kubectl("delete", "secret/whispered", "secret/login").orFail();
        }
    }

    /// What of the engine's is on the disk and has one of these words in it, as it is or in Base64; what is mounted
    /// there is not on the disk.
    private List<String> filesWith(String... words) {
        String patterns = Stream.of(words)
                .flatMap(word -> Stream.of(word, base64(word)))
                .map(word -> " -e '" + word + "'")
                .collect(Collectors.joining());
        return Command.sh("find %s %s -xdev -type f -exec grep -laF%s {} + 2> /dev/null; true"
                        .formatted(engine.root(), engine.home().resolve("engine.log"), patterns))
                .lines()
                .toList();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_network_that_others_take_away_comes_back() throws Exception {
        int port = FreePort.find();
        Sample web = serving("web", port);
        String bridge = Leftovers.bridge(engine);

        takeAway("packet rules deleted", "nft delete table ip " + bridge, port);
        takeAway("bridge deleted", "ip link delete " + bridge, port);
        takeAway(
                "interfaces deleted",
                "for each in /sys/class/net/%s/brif/*; do ip link delete ${each##*/} || test ! -e $each || exit; done"
                        .formatted(bridge),
                port);

        assertEquals("0", engine.field(web.object(), ".status.restartCount"));
        web.delete(engine);
    }

    private void takeAway(String fault, String line, int port) {
        Command.sh(line);
        long gone = System.nanoTime();
        engine.await("an answer after " + fault, () -> answers(port));
        TIMES.since(gone, fault, "back");
    }

    @Test
    void a_program_that_is_killed_and_one_whose_monitor_is_run_again() throws Exception {
        int port = FreePort.find();
        Sample program = serving("killed", port);
        ProcessHandle first = ProcessHandle.of(program.pid(engine)).orElseThrow();
        kill("program killed", program, first, port);
        program.delete(engine);

        int other = FreePort.find();
        Sample monitored = serving("monitored", other);
        long pid = monitored.pid(engine);
        ProcessHandle monitor =
                ProcessHandle.of(pid).flatMap(ProcessHandle::parent).orElseThrow();
        kill("monitor killed", monitored, monitor, other);
        monitored.delete(engine);
    }

    /// Without what others have taken away a program goes on as it can; when it is run again, all is there.
    @Test
    void what_is_taken_away_of_a_container_is_there_when_it_is_run_again() throws Exception {
        int port = FreePort.find();
        Sample bare = Sample.container("bare", "echo begun; " + SERVE)
                .with("ports: [{containerPort: 8080, hostPort: %d}]".formatted(port))
                .with("resources: {limits: {memory: 64Mi}}")
                .with("volumes: [{name: memory, emptyDir: {medium: Memory, sizeLimit: 4Mi}}]")
                .with("volumeMounts: [{name: memory, mountPath: /memory}]")
                .in(engine)
                .running(engine);
        engine.await("an answer", () -> answers(port));
        ProcessHandle program = ProcessHandle.of(bare.pid(engine)).orElseThrow();

        Command.sh(TAKE_AWAY.formatted(engine.field("pod/bare", ".metadata.uid"), engine.run(), engine.root()));
        kill("its mounts, network, cgroups and log taken away, program killed", bare, program, port);

        bare.wrote(engine, "begun");
        String memory = Files.readAllLines(Path.of("/proc/%d/cgroup".formatted(bare.pid(engine)))).stream()
                .filter(line -> line.contains(":memory:"))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*:", "/sys/fs/cgroup/memory");
        assertEquals(
                "67108864",
                Files.readString(Path.of(memory, "memory.limit_in_bytes")).strip());
        String mounts =
                engine.kubectl("exec", "bare", "--", "/bin/busybox", "mount").out();
        assertTrue(mounts.contains(" on /memory type tmpfs"), mounts);
        assertTrue(mounts.contains(" on /dev/shm type tmpfs"), mounts);
        bare.delete(engine);
    }

    private void kill(String fault, Sample container, ProcessHandle process, int port) {
        Set<String> old = Set.of("", Long.toString(container.pid(engine)));
        process.destroyForcibly();
        long gone = System.nanoTime();
        engine.await(
                "an answer after " + fault,
                () -> !old.contains(engine.field(container.object(), ".status.pid")) && answers(port));
        TIMES.since(gone, fault, "back");
    }

    private Sample serving(String name, int port) {
        Sample container = Sample.container(name, SERVE)
                .with("ports: [{containerPort: 8080, hostPort: %d}]".formatted(port))
                .in(engine)
                .running(engine);
        engine.await("an answer", () -> answers(port));
        return container;
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
            socket.connect(new InetSocketAddress("127.0.0.1", port), ANSWER_LIMIT_MILLIS);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).endsWith("here\n");
        } catch (IOException e) {
            // There is no way to it, or it does not listen yet.
            return false;
        }
    }

    @Test
    void a_second_engine_on_the_same_root_is_refused() {
        ProcessBuilder second = new ProcessBuilder(
                EngineProcess.SLIPWAY.toString(),
                "serve",
                "--root",
                engine.root().toString(),
                "--run",
                engine.run().toString(),
                "--listen",
                "off");

        EngineProcess.Ran refused = EngineProcess.Ran.run(second, "");

        assertEquals(1, refused.code(), refused.text());
        assertTrue(refused.text().contains("process " + engine.pid()), refused.text());
    }

    /// @param word that its command has
    private void waitForEndOf(String word) {
        engine.await("the process of " + word + " to end", () -> ProcessHandle.allProcesses()
                .noneMatch(process -> process.info().commandLine().orElse("").contains(word)));
    }
}
