package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/// A tar archive made byte by byte, so that it can be wrong in any way. Names are Latin-1 text, one byte a
/// character.
public final class TestTar {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int mode = 0644;
    private String uid = octal(0, 8);
    private String gid = octal(0, 8);
    private String time = octal(1_000_000_000, 12);
    private String major = "";
    private String minor = "";
    private String prefix = "";
    private String magic = "ustar\00000";

    /// Owner and mode of the entries that follow.
    public TestTar as(long owner, long group, int permissions) {
        uid = octal(owner, 8);
        gid = octal(group, 8);
        mode = permissions;
        return this;
    }

    /// The owner's field of the entries that follow, as it is.
    TestTar uidField(String field) {
        uid = field;
        return this;
    }

    /// Time of the entries that follow, in seconds since 1970.
    public TestTar at(long seconds) {
        time = octal(seconds, 12);
        return this;
    }

    /// What stands where POSIX has `ustar`, and the field in which it keeps the front of the name.
    TestTar format(String text, String front) {
        magic = text;
        prefix = front;
        return this;
    }

    public TestTar file(String name, String content) {
        return entry('0', name, "", content.getBytes(ISO_8859_1));
    }

    public TestTar directory(String name) {
        return entry('5', name, "", new byte[0]);
    }

    public TestTar symlink(String name, String target) {
        return entry('2', name, target, new byte[0]);
    }

    public TestTar hardLink(String name, String target) {
        return entry('1', name, target, new byte[0]);
    }

    /// A device; `type` is `3` for characters, `4` for blocks.
    public TestTar node(char type, String name, long majorNumber, long minorNumber) {
        major = octal(majorNumber, 8);
        minor = octal(minorNumber, 8);
        entry(type, name, "", new byte[0]);
        major = "";
        minor = "";
        return this;
    }

    /// An extended header from `keyword`, `value`, `keyword` ...
    public TestTar pax(String... records) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < records.length; i += 2) {
            text.append(record(records[i], records[i + 1]));
        }
        return entry('x', "PaxHeaders/x", "", text.toString().getBytes(ISO_8859_1));
    }

    static String record(String keyword, String value) {
        String rest = " " + keyword + "=" + value + "\n";
        int length = rest.length() + 1;
        while ((length + rest).length() > length) {
            length++;
        }
        return length + rest;
    }

    public TestTar entry(char type, String name, String link, byte[] content) {
        return header(type, name, link, octal(content.length, 12)).raw(content).padded();
    }

    /// A header alone, with its field for the size as it is.
    TestTar header(char type, String name, String link, String size) {
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, octal(mode, 8));
        put(block, 108, uid);
        put(block, 116, gid);
        put(block, 124, size);
        put(block, 136, time);
        put(block, 148, "        ");
        block[156] = (byte) type;
        put(block, 157, link);
        put(block, 257, magic);
        put(block, 329, major);
        put(block, 337, minor);
        put(block, 345, prefix);
        return raw(summed(block));
    }

    TestTar raw(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    private TestTar padded() {
        return raw(new byte[(BLOCK - bytes.size() % BLOCK) % BLOCK]);
    }

    /// The archive without an end.
    byte[] open() {
        return bytes.toByteArray();
    }

    /// The archive with its two zero blocks.
    public byte[] ended() {
        return Arrays.copyOf(bytes.toByteArray(), bytes.size() + 2 * BLOCK);
    }

    static byte[] summed(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte one : block) {
            sum += one & 0xff;
        }
        put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        return block;
    }

    static String octal(long number, int width) {
        return String.format(Locale.ROOT, "%0" + (width - 1) + "o\0", number);
    }

    /// A number in base 256, as GNU writes those that octal digits cannot hold.
    static String base256(long number, int width) {
        char[] field = new char[width];
        Arrays.fill(field, number < 0 ? '\u00ff' : '\0');
        for (int i = 0; i < Math.min(width, Long.BYTES); i++) {
            field[width - 1 - i] = (char) (number >>> i * Byte.SIZE & 0xff);
        }
        field[0] |= 0x80;
        return new String(field);
    }

    /// `text` as UTF-8, spelled the way this class takes names.
    static String utf8(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] field = text.getBytes(ISO_8859_1);
        System.arraycopy(field, 0, block, offset, field.length);
    }
}
