package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        here.shell(folder, "slipway cp moved:/notes/. - >data.tar").orFail();
        here.shell(folder, "kubectl delete -f manifests.yaml --timeout=20s").orFail();
        try (EngineProcess there = EngineProcess.start()) {
            there.shell(folder, "slipway image load toolbox -f image.tar").orFail();
            there.awaitField("image/toolbox", ".status.conditions[?(@.type==\"Ready\")].status", "True");
            there.shell(folder, "slipway apply -f manifests.yaml").orFail();
            there.awaitField("container/moved", ".status.phase", "Running");
            there.shell(folder, "slipway cp -a - moved:/notes <data.tar").orFail();

            assertEquals(seen, run(there, LOOK));
            assertEquals(digest, there.field("container/moved", ".status.image.digest"));
            there.kubectl("delete", "container/moved", "volume/moved", "--timeout=20s")
                    .orFail();
        }
        assertTrue(seen.startsWith("yes manifest\nfrom the image\nwritten there\n1000 1001 640 "), seen);
    }

    private static String run(EngineProcess engine, String script) {
        return engine.kubectl("exec", "moved", "--", "/bin/busybox", "sh", "-c", script)
                .orFail()
                .out();
    }
}
