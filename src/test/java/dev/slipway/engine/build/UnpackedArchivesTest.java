package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.layer.TestTar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is taken for an archive on a host that can decode neither bzip2 nor xz.
class UnpackedArchivesTest {
    private static final byte[] XZ = Arrays.copyOf(HexFormat.of().parseHex("fd377a585a00"), 64);
    private static final byte[] BZIP2 = Arrays.copyOf("BZh91AY&SY".getBytes(StandardCharsets.US_ASCII), 64);

    private static boolean isArchive(String name, byte[] content) throws IOException {
        return UnpackedArchives.isArchive(name, new ByteArrayInputStream(content), packing -> false);
    }

    @Test
    void a_single_file_is_none() throws IOException {
        assertFalse(isArchive("dump.sql.xz", XZ));
        assertFalse(isArchive("dump.sql.bz2", BZIP2));
    }

    @Test
    void what_may_be_an_archive_is_refused_by_name() {
        Map<String, byte[]> packed =
                Map.of("rootfs.tar.xz", XZ, "rootfs", XZ, "rootfs.tar.bz2", BZIP2, "rootfs.bin", BZIP2);
        packed.forEach((name, content) -> assertEquals(
                "ADD does not unpack %s here: %s; pack it with gzip or zstd, or COPY it and RUN tar"
                        .formatted(content == XZ ? "xz" : "bzip2", name),
                assertThrows(IOException.class, () -> isArchive(name, content)).getMessage()));
    }

    @Test
    void what_only_begins_like_one_is_none() throws IOException {
        byte[] similar = XZ.clone();
        similar[5] = 1;

        assertFalse(isArchive("similar", similar));
        assertFalse(isArchive("short", Arrays.copyOf(XZ, 4)));
        assertFalse(isArchive("note", "BZh is how files in bzip2 begin".getBytes(StandardCharsets.US_ASCII)));
        assertFalse(isArchive("short", Arrays.copyOf(BZIP2, 9)));
    }

    @Test
    void other_archives_are_known_by_their_content() throws IOException {
        byte[] tar = new TestTar().file("etc/app.conf", "on").ended();

        assertTrue(isArchive("app", tar));
        assertTrue(isArchive("misnamed.xz", tar));
        assertFalse(isArchive("empty", new byte[0]));
    }
}
