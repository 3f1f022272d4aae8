package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Moving what runs from one host to another, by files alone: manifests, an image, the data of a volume.
@ExtendWith(SharedEngine.class)
@Timeout(180)
class MigrationIT {
    private static final String MANIFESTS = """
            apiVersion: slipway.dev/v1alpha1
            kind: Volume
            metadata: {name: moved}
            spec: {type: Managed}
            ---
            apiVersion: slipway.dev/v1alpha1
            kind: Container
            metadata: {name: moved}
            spec:
              imageFrom: {kind: Image, name: toolbox}
              env: [{name: BOTH, value: manifest}]
              stop: {gracePeriodSeconds: 1}
              volumes: [{name: data, volume: {name: moved}}]
              volumeMounts: [{name: data, mountPath: /notes}]
              command: [/bin/busybox, sh, -c, "while true; do /bin/busybox sleep 0.2; done"]
            """;
    private static final String LOOK = "echo $FROM_IMAGE $BOTH; /bin/busybox cat /data/seed.txt /notes/deep/note; "
            + "/bin/busybox stat -c '%u %g %a %Y' /notes/deep/note";

    @TempDir
    private Path folder;

    @Test
    @DisplayName("S08 a container with its image and its volume moves to another host by files, and is the same there")
    void a_container_moves_to_another_host(EngineProcess here) throws IOException {
        Files.writeString(folder.resolve("manifests.yaml"), MANIFESTS);
        here.shell(folder, "kubectl apply -f manifests.yaml").orFail();
        here.awaitField("container/moved", ".status.phase", "Running");
        run(
                here,
                "/bin/busybox mkdir -p /notes/deep; echo written there >/notes/deep/note;"
                        + " /bin/busybox chown 1000:1001 /notes/deep/note; /bin/busybox chmod 640 /notes/deep/note");
        String seen = run(here, LOOK);
        String digest = here.field("container/moved", ".status.image.digest");

        here.shell(folder, "slipway image save toolbox -f image.tar").orFail();
        here.shell(folder, "slipway image save toolbox -f docker.tar --format docker-archive")
                .orFail();
        here.shell(folder, "slipway cp moved:/notes/. - >data.tar").orFail();
        here.shell(folder, "kubectl delete -f manifests.yaml --timeout=20s").orFail();
        try (EngineProcess there = EngineProcess.start()) {
            Ran loaded = there.shell(folder, "slipway image load toolbox -f image.tar")
                    .orFail();
            assertEquals("image.slipway.dev/toolbox loaded: " + digest + "\n", loaded.out());
            there.shell(folder, "slipway apply -f manifests.yaml").orFail();
            there.awaitField("container/moved", ".status.phase", "Running");
            there.shell(folder, "slipway cp -a - moved:/notes <data.tar").orFail();

            assertEquals(seen, run(there, LOOK));
            assertEquals(digest, there.field("container/moved", ".status.image.digest"));
            there.shell(folder, "slipway image load archived -f docker.tar --format docker-archive")
                    .orFail();
            String layers = ".status.layers[*].diffID";
            assertEquals(here.field("image/toolbox", layers), there.field("image/archived", layers));
            there.kubectl("delete", "container/moved", "volume/moved", "--timeout=20s")
                    .orFail();
        }
        assertTrue(seen.startsWith("yes manifest\nfrom the image\nwritten there\n1000 1001 640 "), seen);
    }

    @Test
    @DisplayName("S08 S52 an image that is saved for Docker is loaded and run by podman")
    void podman_runs_what_is_saved_for_docker(EngineProcess engine) throws IOException {
        engine.shell(folder, "slipway image save toolbox -f docker.tar --format docker-archive")
                .orFail();
        podman(engine, "load -i docker.tar").orFail();

        Ran ran = podman(
                engine,
                "run --rm --network none docker.io/library/toolbox /bin/busybox sh -c"
                        + " 'echo $FROM_IMAGE; /bin/busybox cat /data/seed.txt'");

        assertEquals("yes\nfrom the image\n", ran.orFail().out());
        podman(engine, "rmi -a").orFail();
    }

    private Ran podman(EngineProcess engine, String words) throws IOException {
        Path conf = PodmanHost.configure(folder);
        Files.writeString(
                folder.resolve("podman.sh"), PodmanHost.HIDE_UNIFIED + """
                export CONTAINERS_CONF=%s
                exec podman --root %s/root --runroot %s/run --storage-driver vfs --cgroup-manager cgroupfs %s
                """.formatted(conf, folder, folder, words));
        return engine.shell(folder, "unshare -m sh podman.sh");
    }

    @Test
    void an_image_that_is_not_saved_or_loaded_says_why_and_leaves_no_file(EngineProcess engine) throws IOException {
        Files.writeString(folder.resolve("no.tar"), "this is no archive");

        Ran unknown = engine.shell(folder, "slipway image save no-such-image -f none.tar");
        Ran unformatted = engine.shell(folder, "slipway image save toolbox -f none.tar --format zip");
        Ran unreadable = engine.shell(folder, "slipway image load no -f no.tar --format zip");
        Ran missing = engine.shell(folder, "slipway image load no -f missing.tar");
        Ran nothing = engine.shell(folder, "slipway image load no -f no.tar");
        engine.kubectl("delete", "image/no", "--timeout=20s").orFail();

        assertEquals(1, unknown.code(), unknown.text());
        assertTrue(unknown.err().contains("no-such-image"), unknown.text());
        assertEquals(2, unformatted.code(), unformatted.text());
        assertTrue(unformatted.err().contains("--format must be oci-layout or docker-archive"), unformatted.text());
        assertEquals(1, unreadable.code(), unreadable.text());
        assertTrue(unreadable.err().contains("format"), unreadable.text());
        assertEquals(1, nothing.code(), nothing.text());
        assertTrue(nothing.err().contains("image.slipway.dev/no: "), nothing.text());
        assertEquals(2, missing.code(), missing.text());
        assertTrue(missing.err().contains("missing.tar"), missing.text());
        assertFalse(Files.exists(folder.resolve("none.tar")));
        assertEquals("", engine.field("image/no", ".metadata.name"));
    }

    private static String run(EngineProcess engine, String script) {
        return engine.kubectl("exec", "moved", "--", "/bin/busybox", "sh", "-c", script)
                .orFail()
                .out();
    }
}
