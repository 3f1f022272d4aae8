package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.layer.TarEntry.Kind;
import dev.slipway.engine.layer.TarEntry.Owner;
import dev.slipway.engine.layer.TarEntry.Time;
import dev.slipway.engine.linux.FileStat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives as other programs write them, and as nobody should.
class TarReaderTest {
    private static final String LONG_NAME = "a-name-of-some-length/".repeat(12) + "at last";

    @ParameterizedTest
    @CsvSource({"2, 2", "2, 1", "3, 2", "3, 1"})
    void names_and_numbers_of_any_length_are_read(int longNames, int bigNumbers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            tar.setLongFileMode(longNames);
            tar.setBigNumberMode(bigNumbers);
            TarArchiveEntry file = new TarArchiveEntry(LONG_NAME);
            file.setSize(3);
            file.setUserId(3_000_000_000L);
            file.setGroupId(7);
            file.setModTime(-5_000L);
            file.setMode(0104755);
            tar.putArchiveEntry(file);
            tar.write("abc".getBytes(ISO_8859_1));
            tar.closeArchiveEntry();
            TarArchiveEntry link = new TarArchiveEntry("link", TarConstants.LF_SYMLINK);
            link.setLinkName("/" + LONG_NAME);
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }

        List<Read> read = read(bytes.toByteArray());

        TarEntry file = read.getFirst().entry();
        assertEquals(LONG_NAME, text(file.name()));
        assertEquals(new Owner(3_000_000_000L, 7), file.owner());
        assertEquals(new Time(-5, 0), file.time());
        assertEquals(04755, file.mode());
        assertEquals("abc", read.getFirst().content());
        assertEquals(Kind.SYMLINK, read.getLast().entry().kind());
        assertEquals("/" + LONG_NAME, text(read.getLast().entry().link()));
    }

    @Test
    void each_type_is_told() throws IOException {
        TestTar tar = new TestTar()
                .file("file", "content")
                .entry('\0', "old", "", "x".getBytes(ISO_8859_1))
                .entry('7', "contiguous", "", new byte[0])
                .entry('0', "directory-of-old/", "", new byte[0])
                .directory("directory")
                .hardLink("hard", "file")
                .symlink("soft", "file")
                .node('3', "null", 1, 3)
                .node('4', "disk", 259, 70_000)
                .entry('6', "pipe", "", new byte[0]);

        List<Read> read = read(tar.ended());

        assertEquals(
                List.of(
                        Kind.FILE,
                        Kind.FILE,
                        Kind.FILE,
                        Kind.DIRECTORY,
                        Kind.DIRECTORY,
                        Kind.HARD_LINK,
                        Kind.SYMLINK,
                        Kind.CHARACTER_DEVICE,
                        Kind.BLOCK_DEVICE,
                        Kind.FIFO),
                read.stream().map(one -> one.entry().kind()).toList());
        assertEquals("content", read.get(0).content());
        assertEquals("x", read.get(1).content());
        assertEquals(FileStat.device(1, 3), read.get(7).entry().device());
        assertEquals(FileStat.device(259, 70_000), read.get(8).entry().device());
    }

    @Test
    void an_extended_header_says_what_the_plain_one_cannot() throws IOException {
        byte[] archive = new TestTar()
                .pax(
                        "path", "caf\u00e9/" + LONG_NAME,
                        "mtime", "1234.5678",
                        "uid", "70000",
                        "gid", "80000",
                        "size", "4",
                        "SCHILY.xattr.user.empty", "",
                        "SCHILY.xattr.security.capability", "\1\0\0\2=\n",
                        "comment", "whatever")
                .header('0', "short", "", TestTar.octal(0, 12))
                .raw(padded("four"))
                .file("next", "plain again")
                .ended();

        List<Read> read = read(archive);

        TarEntry entry = read.getFirst().entry();
        assertEquals("caf\u00e9/" + LONG_NAME, text(entry.name()));
        assertEquals(new Time(1234, 567_800_000), entry.time());
        assertEquals(new Owner(70_000, 80_000), entry.owner());
        assertEquals("four", read.getFirst().content());
        assertEquals("\1\0\0\2=\n", text(entry.attributes().get("security.capability")));
        assertEquals("", text(entry.attributes().get("user.empty")));
        assertEquals("next", text(read.getLast().entry().name()));
        assertEquals(Map.of(), read.getLast().entry().attributes());
        assertEquals("plain again", read.getLast().content());
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, 1, 500000000",
        "-1.5, -2, 500000000",
        "-0.25, -1, 750000000",
        "-3, -3, 0",
        "7., 7, 0",
        "0.1234567899, 0, 123456789"
    })
    void times_have_fractions_on_both_sides_of_1970(String text, long seconds, int nanos) throws IOException {
        byte[] archive = new TestTar().pax("mtime", text).file("file", "").ended();

        assertEquals(new Time(seconds, nanos), read(archive).getFirst().entry().time());
    }

    @Test
    void a_global_header_is_passed_over_and_an_empty_value_means_the_plain_one() throws IOException {
        byte[] archive = new TestTar()
                .entry('g', "global", "", TestTar.record("path", "of all").getBytes(ISO_8859_1))
                .pax("path", "", "linkpath", "")
                .file("own", "")
                .ended();

        assertEquals("own", text(read(archive).getFirst().entry().name()));
    }

    @Test
    void the_front_of_a_name_is_where_each_format_has_it() throws IOException {
        assertEquals(
                "front/name",
                onlyName(new TestTar().format("ustar\00000", "front").file("name", "")));
        assertEquals("name", onlyName(new TestTar().format("ustar  \0", "front").file("name", "")));
        assertEquals("name", onlyName(new TestTar().format("", "front").file("name", "")));
        String star = "front" + "\0".repeat(126) + "1234567890123" + "\0".repeat(19) + "tar\0";
        assertEquals(
                "front/name", onlyName(new TestTar().format("ustar\00000", star).file("name", "")));
    }

    @Test
    void names_are_bytes() throws IOException {
        assertEquals("\u00ff\u00fe\n\1", onlyName(new TestTar().file("\u00ff\u00fe\n\1", "")));
    }

    @Test
    void gnu_long_names_win_over_extended_headers_as_in_go() throws IOException {
        byte[] archive = new TestTar()
                .pax("path", "extended")
                .entry('L', "././@LongLink", "", "gnu\0".getBytes(ISO_8859_1))
                .file("plain", "")
                .ended();

        assertEquals("gnu", text(read(archive).getFirst().entry().name()));
    }

    @Test
    void content_is_passed_over_when_nobody_reads_it() throws IOException {
        byte[] archive = new TestTar()
                .file("large", "x".repeat(300_000))
                .file("next", "here")
                .ended();
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));

        assertEquals("large", nextName(reader));
        assertEquals("next", nextName(reader));
        assertNull(reader.next());
    }

    @Test
    void links_have_no_content_whatever_their_size_says() throws IOException {
        byte[] archive = new TestTar()
                .header('1', "hard", "file", TestTar.octal(4096, 12))
                .file("next", "here")
                .ended();

        assertEquals("here", read(archive).getLast().content());
    }

    @Test
    void an_archive_may_end_without_zero_blocks_and_go_on_behind_them() throws IOException {
        assertEquals(0, read(new byte[0]).size());
        assertEquals(0, read(new byte[512]).size());
        assertEquals(1, read(new TestTar().file("file", "").open()).size());
        byte[] trailing = new TestTar()
                .file("file", "")
                .raw(new byte[1024])
                .file("behind", "never seen")
                .open();
        assertEquals(1, read(trailing).size());
    }

    @Test
    void what_follows_the_end_is_bounded() throws IOException {
        byte[] archive = new TestTar().raw(new byte[1024 + 5000]).open();
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        assertNull(reader.next());

        reader.drain(5000);
        TarReader again = new TarReader(new ByteArrayInputStream(archive));
        assertNull(again.next());
        assertThrows(MalformedLayerException.class, () -> again.drain(4999));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 513, 1023, 1025, 1211})
    void a_truncated_archive_is_refused(int length) {
        byte[] archive = new TestTar().file("file", "x".repeat(700)).open();

        assertRefused(Arrays.copyOf(archive, length), "within an entry");
    }

    @ParameterizedTest
    @ValueSource(ints = {1212, 1300, 1535, 1536})
    void the_padding_of_the_last_entry_may_be_missing(int length) throws IOException {
        byte[] archive = new TestTar().file("file", "x".repeat(700)).open();

        List<Read> read = read(Arrays.copyOf(archive, length));

        assertEquals(1, read.size());
    }

    @Test
    void hostile_headers_are_refused() {
        assertRefused(
                new TestTar().header('0', "f", "", TestTar.base256(-1, 12)).open(), "size -1");
        assertRefused(
                new TestTar()
                        .header('0', "f", "", TestTar.base256(Long.MAX_VALUE, 12))
                        .open(),
                "size");
        assertRefused(
                new TestTar()
                        .header('0', "f", "", "\u0080" + "\u00ff".repeat(11))
                        .open(),
                "too large");
        assertRefused(new TestTar().header('0', "f", "", "0000000009\0").open(), "not octal");
        assertRefused(new TestTar().header('0', "f", "", "12 34\0").open(), "not octal");
        assertRefused(new TestTar().pax("size", "-5").file("f", "").ended(), "size -5");
        assertRefused(
                new TestTar().pax("size", "9223372036854775808").file("f", "").ended(), "no number");
        assertRefused(new TestTar().pax("uid", "4294967295").file("f", "").ended(), "owner");
        assertRefused(
                new TestTar().uidField(TestTar.base256(-2, 8)).file("f", "").ended(), "owner");
        assertRefused(new TestTar().pax("path", "a\0b").file("f", "").ended(), "NUL");
        assertRefused(new TestTar().pax("mtime", "1.-5").file("f", "").ended(), "mtime");
        assertRefused(new TestTar().entry('Z', "f", "", new byte[0]).ended(), "unknown type 0x5a");
        assertRefused(new TestTar().node('3', "f", 4096, 0).ended(), "no device 4096:0");
        assertRefused(new TestTar().pax("path", "f").ended(), "after an extended header");
        assertRefused("not an archive at all ".repeat(50).getBytes(ISO_8859_1), "not octal");
        assertRefused(
                new TestTar().file("f", "").raw(new byte[512]).file("g", "").open(), "single zero block");
        byte[] wrongSum = new TestTar().file("f", "").ended();
        wrongSum[0]++;
        assertRefused(wrongSum, "checksum");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "6 a=\n",
                "11 path=abc ",
                "9 path=abc\n",
                "99 path=abc\n",
                "11path=abc\n",
                "8 =abcd\n",
                "8 abcde\n",
                "99999999999999999999 a=b\n",
                "0 a=b\n",
                " 6 a=b\n"
            })
    void malformed_extended_headers_are_refused(String records) {
        byte[] archive = new TestTar()
                .entry('x', "PaxHeaders/x", "", records.getBytes(ISO_8859_1))
                .file("f", "")
                .ended();

        assertRefused(archive, "extended header");
    }

    @Test
    void extended_headers_are_bounded() throws IOException {
        assertRefused(
                new TestTar()
                        .header('x', "x", "", TestTar.octal((1 << 20) + 1, 12))
                        .open(),
                "1048577 bytes");
        assertRefused(
                new TestTar().header('L', "x", "", TestTar.octal(1L << 32, 12)).open(), "4294967296 bytes");
        String value = "v".repeat((1 << 20) - 100);
        assertEquals(
                value,
                text(read(new TestTar()
                                .pax("SCHILY.xattr.user.big", value)
                                .file("f", "")
                                .ended())
                        .getFirst()
                        .entry()
                        .attributes()
                        .get("user.big")));
    }

    @Test
    void content_that_trickles_in_is_the_same() throws IOException {
        byte[] archive = new TestTar()
                .pax("path", LONG_NAME)
                .file("f", "content")
                .file("g", "more")
                .ended();
        InputStream trickle = new ByteArrayInputStream(archive) {
            @Override
            public int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(7, length));
            }
        };

        List<Read> read = read(trickle);

        assertEquals(
                List.of("content", "more"), read.stream().map(Read::content).toList());
    }

    private record Read(TarEntry entry, String content) {}

    private static List<Read> read(byte[] archive) throws IOException {
        return read(new ByteArrayInputStream(archive));
    }

    private static List<Read> read(InputStream archive) throws IOException {
        TarReader reader = new TarReader(archive);
        List<Read> all = new ArrayList<>();
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            reader.content(entry.bytes(), content::write);
            all.add(new Read(entry, content.toString(ISO_8859_1)));
        }
        return all;
    }

    private static void assertRefused(byte[] archive, String why) {
        MalformedLayerException refused = assertThrows(MalformedLayerException.class, () -> read(archive));
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }

    private static String onlyName(TestTar tar) throws IOException {
        List<Read> read = read(tar.ended());
        assertEquals(1, read.size());
        return text(read.getFirst().entry().name());
    }

    private static String nextName(TarReader reader) throws IOException {
        TarEntry entry = reader.next();
        assertNotNull(entry);
        return text(entry.name());
    }

    private static byte[] padded(String content) {
        return Arrays.copyOf(content.getBytes(ISO_8859_1), 512);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
