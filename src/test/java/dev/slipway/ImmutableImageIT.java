package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// An image is the same everywhere and for ever.
@ExtendWith(SharedEngine.class)
class ImmutableImageIT {
    private static final String SEE = """
            cd /; /bin/busybox find bin/ data etc/passwd etc/group -type f | /bin/busybox sort | /bin/busybox xargs /bin/busybox sha256sum
            /bin/busybox env | /bin/busybox grep -v HOSTNAME | /bin/busybox sort; /bin/busybox id; /bin/busybox pwd
            echo done; exec /bin/busybox sleep 600""";

    @Test
    @DisplayName("S21 however much containers write, the image's layers stay as they were")
    void writes_of_containers_leave_the_layers_alone(EngineProcess engine) {
        String before = layers(engine);
        Sample vandal =
                Sample.container("vandal", """
                        echo lies > /data/seed.txt; rm /etc/passwd; mv /etc/group /etc/gruppe; chmod 777 /bin /bin/busybox
                        for i in $(/bin/busybox seq 300); do echo $i > /data/$i; done; echo done
                        exec /bin/busybox sleep 600""").with("imageVolumes: Ignore").in(engine);
        vandal.wrote(engine, "done");

        assertEquals(before, layers(engine));
        Sample next = Sample.container("next", "/bin/busybox cat /data/seed.txt /etc/passwd; exec /bin/busybox sleep 9")
                .in(engine);
        next.wrote(engine, "from the image");
        vandal.delete(engine);
        next.delete(engine);
        assertEquals(before, layers(engine));
    }

    @Test
    @DisplayName("S06 the same image is the same on another host: files, environment, user, directory")
    void an_image_is_the_same_on_another_host(EngineProcess engine) throws IOException {
        try (EngineProcess other = EngineProcess.start()) {
            other.apply(SharedEngine.TOOLBOX);
            other.awaitField("image/toolbox", ".status.conditions[?(@.type==\"Ready\")].status", "True");

            String here = seen(engine);
            String there = seen(other);

            assertEquals(
                    engine.field("image/toolbox", ".status.digest"), other.field("image/toolbox", ".status.digest"));
            assertNotEquals("", here);
            assertEquals(here, there);
        }
    }

    private static String seen(EngineProcess engine) {
        Sample sample = Sample.container("seen", SEE).in(engine);
        sample.wrote(engine, "done");
        String seen = sample.logs(engine);
        sample.delete(engine);
        return seen;
    }

    /// Everything of every layer that can be told: names, types, modes, owners, times, contents.
    private static String layers(EngineProcess engine) {
        Path layers = engine.root().resolve("snapshots/layers");
        Ran listing = Ran.run(
                new ProcessBuilder(List.of(
                        "sh",
                        "-c",
                        "cd '" + layers + "' && find */tree -printf '%p %y %m %U %G %T@ %s %l\\n' | sort"
                                + " && find */tree -type f | sort | xargs -d '\\n' sha256sum")),
                "");
        assertFalse(listing.orFail().out().isEmpty());
        return listing.out();
    }
}
