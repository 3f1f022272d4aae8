package dev.slipway.engine.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.Command;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives that GNU tar wrote, unpacked here and by other programs: the trees are the same in everything.
@Timeout(60)
class LayerPeersKernelTest {
    @TempDir
    private Path folder;

    private Path source;
    private Path archive;

    @BeforeEach
    void fill() throws IOException {
        source = Files.createDirectory(folder.resolve("source"));
        archive = folder.resolve("archive.tar");
        Command.run("sh", "-ec", """
                cd %s
                mkdir -p usr/bin usr/lib/deep etc tmp dev; chmod 1777 tmp; chmod 0750 etc; chmod 2755 usr/lib
                echo root:x:0:0 >etc/passwd; : >etc/empty; echo ü >"etc/naïve name"
                cp /bin/busybox usr/bin/busybox; chmod 4755 usr/bin/busybox; ln usr/bin/busybox usr/bin/sh
                ln -s usr/bin bin; ln -s /nowhere etc/link; ln -s ../../etc usr/lib/deep/up
                mknod dev/null c 1 3; mknod dev/sda b 8 0; mkfifo dev/pipe
                chown 1000:1000 etc/empty etc; chown -h 33:33 etc/link; chown 65534:65534 tmp
                head -c 700000 /dev/urandom >usr/lib/noise
                truncate -s 5000000 usr/lib/sparse; printf middle | dd of=usr/lib/sparse bs=1 seek=2000000 conv=notrunc status=none
                truncate -s 1000000 usr/lib/hole
                touch -d @1234567890 etc/passwd; touch -h -d @1111111111 etc/link; touch -d @1000000001 dev/null usr
                """.formatted(source));
        try (FileChannel many =
                FileChannel.open(source.resolve("usr/lib/many"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 40; i++) {
                many.write(ByteBuffer.wrap(new byte[] {'x'}), i * 100_000L);
            }
        }
        Files.setLastModifiedTime(source.resolve("usr/lib"), FileTime.fromMillis(1_000_000_001_000L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=oldgnu",
                "--format=ustar",
                "--format=posix",
                "--format=gnu --sparse",
                "--format=oldgnu --sparse",
                "--format=posix --sparse --sparse-version=0.0",
                "--format=posix --sparse --sparse-version=0.1",
                "--format=posix --sparse --sparse-version=1.0"
            })
    @DisplayName("S16 every format of GNU tar is unpacked as tar itself does")
    void every_format_is_unpacked_as_tar_does(String options) throws IOException {
        String deep = "a directory with a name/".repeat(options.contains("ustar") ? 3 : 20);
        Files.createDirectories(source.resolve(deep));
        Files.writeString(source.resolve(deep + "file"), "deep");
        Files.createSymbolicLink(source.resolve("far"), Path.of(options.contains("ustar") ? "near" : deep + "file"));
        tar(options);

        Path tree = unpacked();

        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        Command.run("tar", "--numeric-owner", "-xpf", archive.toString(), "-C", theirs.toString());
        assertEquals(TreeListing.of(theirs), TreeListing.of(tree));
        if (options.contains("sparse")) {
            assertTrue(blocks(tree) <= blocks(theirs), blocks(tree) + " and " + blocks(theirs));
        }
    }

    @Test
    void attributes_are_unpacked_as_tar_does() throws IOException {
        Command.run(
                "setcap",
                "cap_net_bind_service+ep",
                source.resolve("usr/lib/noise").toString());
        Files.setAttribute(source.resolve("etc"), "user:note", ByteBuffer.wrap(new byte[] {0, 1, 2, '\n'}));
        tar("--format=posix --xattrs --xattrs-include=*");

        Path tree = unpacked();

        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        Command.run(
                "tar",
                "--xattrs",
                "--xattrs-include=*",
                "--numeric-owner",
                "-xpf",
                archive.toString(),
                "-C",
                theirs.toString());
        assertEquals(TreeListing.of(theirs), TreeListing.of(tree));
        assertTrue(TreeListing.of(tree).get("usr/lib/noise").contains("security.capability="));
    }

    @Test
    @DisplayName("S16 a tree equals what umoci unpacks, with attributes, devices, hard links and sparse files")
    void a_layer_is_unpacked_as_umoci_does() throws IOException {
        Command.run("setcap", "cap_net_raw+ep", source.resolve("usr/lib/noise").toString());
        tar("--format=posix --xattrs --xattrs-include=* --sparse");

        Path tree = unpacked();

        assertEquals(umoci(), TreeListing.of(tree));
    }

    @Test
    void what_is_packed_here_is_unpacked_by_others_to_the_same() throws IOException {
        Path packed = folder.resolve("packed.tar");
        try (OutputStream output = Files.newOutputStream(packed)) {
            LayerPacker.pack(source, output, Instant.ofEpochSecond(4_000_000_000L), LayerLimits.STANDARD);
        }
        archive = packed;

        Map<String, String> here = withoutRoot(TreeListing.of(unpacked()));

        assertEquals(here, withoutRoot(umoci()));
        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        Command.run("tar", "--numeric-owner", "-xpf", packed.toString(), "-C", theirs.toString());
        assertEquals(here, withoutRoot(TreeListing.of(theirs)));
    }

    private static Map<String, String> withoutRoot(Map<String, String> files) {
        Map<String, String> rest = new TreeMap<>(files);
        rest.remove(".");
        return rest;
    }

    private void tar(String options) {
        List<String> words = new ArrayList<>(List.of("tar", "--numeric-owner", "-C", source.toString()));
        words.addAll(Arrays.asList(options.split(" ")));
        words.addAll(List.of("-cf", archive.toString(), "."));
        Command.run(words.toArray(String[]::new));
    }

    private Path unpacked() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        try (InputStream input = new BufferedInputStream(Files.newInputStream(archive))) {
            LayerUnpacker.unpack(input, tree, LayerLimits.STANDARD);
        }
        return tree;
    }

    private Map<String, String> umoci() throws IOException {
        String image = folder.resolve("layout") + ":image";
        Command.run("umoci", "init", "--layout", folder.resolve("layout").toString());
        Command.run("umoci", "new", "--image", image);
        Command.run("umoci", "raw", "add-layer", "--image", image, archive.toString());
        Command.run(
                "umoci",
                "unpack",
                "--keep-dirlinks",
                "--image",
                image,
                folder.resolve("bundle").toString());
        return TreeListing.of(folder.resolve("bundle/rootfs"));
    }

    private static long blocks(Path tree) {
        return Long.parseLong(
                Command.run("du", "-s", "--block-size=512", tree.toString()).split("\\s")[0]);
    }
}
