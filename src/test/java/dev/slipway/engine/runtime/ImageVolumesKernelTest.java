package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest.ImageMount;
import dev.slipway.engine.snapshot.Staging;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Images that containers mount beside their own.
class ImageVolumesKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final DiffId ABOVE = layer("above");
    private static final DiffId LINKS = layer("links");
    private static final DiffId ABOVE_LINKS = layer("above links");

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
        try (Staging staging = lab.snapshots().stage()) {
            Path deep = Files.createDirectories(staging.directory().resolve("data/deep"));
            Files.writeString(deep.resolve("more"), "of the layer above");
            At at = new At();
            try (Fd directory = at.openHost(staging.directory().resolve("data/deep"))) {
                at.makeNode(directory, "file".getBytes(StandardCharsets.UTF_8), 0020000, 0);
            }
            staging.commit(ABOVE);
        }
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void an_image_is_read_and_neither_written_nor_executed() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        List<Path> before = lab.mounts();

        String output = lab.output(mounting(
                "exec 2>&1; cat /model/data/deep/file; echo; echo x > /model/new; /model/bin/true; stat -c %u /model/etc",
                new ImageMount(RuntimeLab.image(), "/model", "")));

        assertTrue(output.startsWith("of the image\n"), output);
        assertTrue(output.contains("/model/new: Read-only file system"), output);
        assertTrue(output.contains("/model/bin/true: Permission denied"), output);
        assertTrue(output.endsWith("0\n"), output);
        assertEquals(before, lab.mounts(), "nothing is mounted on the host");
    }

    @Test
    void its_layers_are_merged_and_its_parts_can_be_mounted() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        LocalImage two = layered(ABOVE);

        String output = lab.output(mounting(
                "ls /deep; cat /file; echo; ls /all/data/deep",
                new ImageMount(two, "/deep", "data/deep"),
                new ImageMount(RuntimeLab.image(), "/file", "data/deep/file"),
                new ImageMount(two, "/all", "")));

        assertEquals("more\nof the image\nmore\n", output);
    }

    @Test
    void the_links_of_a_part_lead_where_they_do_in_the_image() throws Exception {
        try (Staging staging = lab.snapshots().stage()) {
            Path releases = Files.createDirectories(staging.directory().resolve("releases"));
            Files.createSymbolicLink(releases.resolve("current"), Path.of("../data"));
            Files.createSymbolicLink(releases.resolve("absolute"), Path.of("/data/deep/file"));
            // A file on the host.
            Files.createSymbolicLink(releases.resolve("shadowed"), Path.of("/proc/version"));
            staging.commit(LINKS);
        }
        try (Staging staging = lab.snapshots().stage()) {
            Path shadow = Files.createDirectories(staging.directory().resolve("proc/version"));
            Files.writeString(shadow.resolve("file"), "of the image's proc");
            staging.commit(ABOVE_LINKS);
        }
        lab.sandbox(Requests.sandbox(POD));
        LocalImage image = layered(LINKS, ABOVE_LINKS);

        String output = lab.output(mounting(
                "cat /current/file; echo; cat /file; echo; cat /shadowed/file; echo",
                new ImageMount(image, "/current", "releases/current/deep"),
                new ImageMount(image, "/file", "releases/absolute"),
                new ImageMount(image, "/shadowed", "releases/shadowed")));

        assertEquals("of the image\nof the image\nof the image's proc\n", output);
    }

    @Test
    void a_part_that_the_image_does_not_have_keeps_the_container_from_starting() throws Exception {
        lab.sandbox(Requests.sandbox(POD));

        StartOutcome outcome = lab.runtime().start(mounting("true", new ImageMount(RuntimeLab.image(), "/m", "none")));

        String message = assertInstanceOf(StartOutcome.Failed.class, outcome).message();
        assertTrue(message.startsWith("open in the image none: no such file or directory"), message);
    }

    @Test
    void a_pod_with_users_of_its_own_reads_it_as_the_image_says() throws Exception {
        SandboxRequest plain = Requests.sandbox(POD, Map.of());
        lab.sandbox(new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, SandboxRequest.Ipc.POD, true),
                plain.volumes()));

        String output = lab.output(mounting(
                "stat -c '%u %g' /all/data/deep/more; cat /all/data/deep/more; echo; cat /f/file; echo",
                new ImageMount(layered(ABOVE), "/all", ""), new ImageMount(RuntimeLab.image(), "/f", "data/deep")));

        assertEquals("0 0\nof the layer above\nof the image\n", output);
    }

    @Test
    void an_image_without_layers_is_an_empty_directory_in_each_kind_of_pod() throws Exception {
        LocalImage empty = Requests.image(RunParameters.EMPTY, List.of());
        SandboxRequest plain = Requests.sandbox(POD, Map.of());
        for (boolean ownUsers : List.of(false, true)) {
            lab.sandbox(new SandboxRequest(
                    plain.uid(),
                    plain.namespace(),
                    plain.name(),
                    plain.hostname(),
                    plain.network(),
                    new SandboxRequest.Sharing(false, SandboxRequest.Ipc.POD, ownUsers),
                    plain.volumes()));

            String output = lab.output(mounting(
                    "exec 2>&1; ls -A /empty; touch /empty/x; test -d /empty && echo there",
                    new ImageMount(empty, "/empty", "")));
            StartOutcome part = lab.runtime()
                    .start(Requests.withImages(RuntimeLab.shell(WEB, 1, "true"), new ImageMount(empty, "/m", "none")));

            assertEquals("touch: /empty/x: Read-only file system\nthere\n", output);
            String message = assertInstanceOf(StartOutcome.Failed.class, part).message();
            assertTrue(message.startsWith("open in the image none: no such file or directory"), message);
            lab.runtime().removePod(POD);
        }
    }

    private static LocalImage layered(DiffId... above) {
        List<DiffId> layers = new ArrayList<>(RuntimeLab.image().layers());
        layers.addAll(List.of(above));
        return Requests.image(RunParameters.EMPTY, layers);
    }

    private static DiffId layer(String name) {
        return new DiffId(Digest.sha256(name.getBytes(StandardCharsets.UTF_8)));
    }

    private static ContainerRequest mounting(String script, ImageMount... images) {
        return Requests.withImages(RuntimeLab.shell(WEB, 0, script), images);
    }
}
