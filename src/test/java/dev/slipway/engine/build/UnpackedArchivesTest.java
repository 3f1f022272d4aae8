package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.layer.TestTar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// What is taken for an archive on a host that cannot decode xz.
class UnpackedArchivesTest {
    private static final byte[] XZ = Arrays.copyOf(HexFormat.of().parseHex("fd377a585a00"), 64);

    private static boolean isArchive(String name, byte[] content) throws IOException {
        return UnpackedArchives.isArchive(name, new ByteArrayInputStream(content), false);
    }

    @Test
    void a_single_file_in_xz_is_none() throws IOException {
        assertFalse(isArchive("dump.sql.xz", XZ));
    }

    @Test
    void what_may_be_an_archive_in_xz_is_refused() {
        for (String name : new String[] {"rootfs.tar.xz", "rootfs"}) {
            assertEquals(
                    "ADD does not unpack xz here: %s; pack it with gzip or zstd, or COPY it and RUN tar"
                            .formatted(name),
                    assertThrows(IOException.class, () -> isArchive(name, XZ)).getMessage());
        }
    }

    @Test
    void what_only_begins_like_xz_is_none() throws IOException {
        byte[] similar = XZ.clone();
        similar[5] = 1;

        assertFalse(isArchive("similar", similar));
        assertFalse(isArchive("short", Arrays.copyOf(XZ, 4)));
    }

    @Test
    void other_archives_are_known_by_their_content() throws IOException {
        byte[] tar = new TestTar().file("etc/app.conf", "on").ended();

        assertTrue(isArchive("app", tar));
        assertTrue(isArchive("misnamed.xz", tar));
        assertFalse(isArchive("empty", new byte[0]));
    }
}
