package dev.slipway.engine.layer;

import static dev.slipway.engine.layer.TestTar.base256;
import static dev.slipway.engine.layer.TestTar.octal;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Archives that no layer should be, each with a name and with what a refusal has to say of it. They are small: what is
/// too large is so for [#LIMITS].
public final class BadLayers {
    public static final LayerLimits LIMITS = new LayerLimits(2 << 20, 1_100);

    private static final int HEADER = 512;

    private final List<BadLayer> all = new ArrayList<>();

    private BadLayers() {}

    /// @param archive not compressed
    /// @param why part of the message of the refusal
    public record BadLayer(String name, byte[] archive, String why) {
        @Override
        public String toString() {
            return name;
        }
    }

    public static List<BadLayer> all() {
        BadLayers bad = new BadLayers();
        bad.addNames();
        bad.addLinks();
        bad.addWhiteouts();
        bad.addNumbers();
        bad.addExtendedHeaders();
        bad.addSparseFiles();
        bad.addDamage();
        bad.addBombs();
        return bad.all;
    }

    private void add(String name, TestTar tar, String why) {
        all.add(new BadLayer(name, tar.ended(), why));
    }

    private void add(String name, byte[] archive, String why) {
        all.add(new BadLayer(name, archive, why));
    }

    private void addNames() {
        add("a name with .. at its start", new TestTar().file("../evil", "x"), "entry ../evil: its name leads out");
        add("a name with .. in its middle", new TestTar().file("a/../../evil", "x"), "leads out of the layer");
        add("a directory outside", new TestTar().directory("../evil/"), "leads out of the layer");
        add("an extended name outside", new TestTar().pax("path", "../evil").file("a", "x"), "leads out");
        add("a file as the layer itself", new TestTar().file(".", "x"), "must be a directory");
        add("a link as the layer itself", new TestTar().symlink("/", "elsewhere"), "must be a directory");
        add("a file on the way to a file", new TestTar().file("a", "").file("a/b", ""), "entry a/b");
        add("a device on the way to a file", new TestTar().node('3', "d", 1, 3).file("d/b", ""), "entry d/b");
        add(
                "a name too long for a file",
                new TestTar().pax("path", "n".repeat(256)).file("a", ""),
                "too long");
        add(
                "a path too long for a call",
                new TestTar().pax("path", "d/".repeat(2100) + "f").file("a", ""),
                "too long");
        String deep = "d/".repeat(1001);
        add("directories too deep", new TestTar().pax("path", deep + "f").file("a", ""), "more than 1000 directories");
        add("directories too deep by way of links", linked(), "more than 1000 directories");
        add(
                "a name of a megabyte",
                new TestTar().pax("path", "../" + "n".repeat(1_000_000)).file("a", ""),
                "leads out");
    }

    /// Each link leads as deep as the one before, and then further.
    private static TestTar linked() {
        TestTar tar = new TestTar();
        String some = "d/".repeat(350);
        for (int i = 0; i < 3; i++) {
            String start = i == 0 ? "" : "l" + (i - 1) + "/";
            tar.pax("path", start + some)
                    .directory("a/")
                    .pax("linkpath", start + some)
                    .symlink("l" + i, "x");
        }
        return tar.file("l2/file", "");
    }

    private void addLinks() {
        add("a hard link to outside", new TestTar().hardLink("stolen", "../../etc/passwd"), "leads out of the layer");
        add(
                "a hard link to an absolute name outside",
                new TestTar().hardLink("stolen", "/etc/passwd"),
                "entry stolen: ");
        add(
                "a hard link through a link to outside",
                new TestTar().symlink("up", "../../../..").hardLink("stolen", "up/etc/passwd"),
                "entry stolen: ");
        add("a hard link to nothing", new TestTar().hardLink("a", "nothing"), "is no file of this layer");
        add("a hard link to a directory", new TestTar().directory("d/").hardLink("a", "d"), "is no file of this layer");
        add(
                "links in a circle",
                new TestTar().symlink("a", "b").symlink("b", "a").file("a/f", ""),
                "entry a/f: ");
        TestTar chain = new TestTar();
        for (int i = 0; i < 60; i++) {
            chain.symlink("l" + i, "l" + (i + 1));
        }
        add("a chain of links", chain.file("l0/f", ""), "entry l0/f: ");
        add(
                "a link to a name too long",
                new TestTar().pax("linkpath", "t".repeat(4096)).symlink("a", "b"),
                "too long");
        add("a link to nothing at all", new TestTar().symlink("a", ""), "entry a: ");
    }

    private void addWhiteouts() {
        add("a whiteout of the parent", new TestTar().file("a/.wh...", ""), "a whiteout without a name");
        add("a whiteout of the directory itself", new TestTar().file("a/.wh..", ""), "a whiteout without a name");
        add("a whiteout of no name", new TestTar().file(".wh.", ""), "a whiteout without a name");
        add("a whiteout outside", new TestTar().file("../.wh.evil", ""), "leads out of the layer");
        add("a file below a whiteout", new TestTar().file(".wh.a/b", ""), "below a whiteout");
        add("a hard link to a whiteout", new TestTar().file(".wh.a", "").hardLink("b", "a"), "no file of this layer");
    }

    private void addNumbers() {
        add("a device that cannot be", new TestTar().node('4', "d", 4096, 0), "there is no device 4096:0");
        add(
                "an owner beyond 32 bits",
                new TestTar().uidField(base256(1L << 40, 8)).file("a", ""),
                "out of range");
        add("an owner below zero", new TestTar().uidField(base256(-1, 8)).file("a", ""), "out of range");
        add("a size below zero", new TestTar().header('0', "a", "", base256(-1, 12)), "the size -1");
        add("a size beyond 64 bits", new TestTar().header('0', "a", "", "\u0080" + "\u00ff".repeat(11)), "too large");
        add("a size that is no number", new TestTar().header('0', "a", "", "12x\0"), "not octal");
        add("a type that nobody knows", new TestTar().entry('Z', "a", "", new byte[0]), "unknown type 0x5a");
    }

    private void addExtendedHeaders() {
        add("an extended header of wrong length", records("99 path=x\n"), "wrong length");
        add("an extended header without keyword", records("5 =x\n"), "without keyword");
        add("an extended name with a NUL", new TestTar().pax("path", "a\0b").file("a", ""), "has a NUL");
        add(
                "an extended size that is no number",
                new TestTar().pax("size", "many").file("a", ""),
                "is no number: many");
        add("an extended size below zero", new TestTar().pax("size", "-1").file("a", ""), "the size -1");
        add("an extended header at the end", new TestTar().pax("path", "x"), "ends after an extended header");
        add("an extended header too long", new TestTar().header('x', "x", "", octal(1 << 21, 12)), "2097152 bytes");
        add("a GNU name too long", new TestTar().header('L', "x", "", octal(1 << 21, 12)), "2097152 bytes");
        add("a global header that is none", new TestTar().entry('g', "x", "", "x".getBytes(US_ASCII)), "wrong length");
        add(
                "an attribute too large",
                new TestTar().pax("SCHILY.xattr.user.a", "x".repeat(70_000)).file("a", ""),
                "entry a: ");
    }

    private static TestTar records(String text) {
        return new TestTar().entry('x', "x", "", text.getBytes(US_ASCII)).file("a", "");
    }

    private void addSparseFiles() {
        add("a sparse map that overlaps", sparse("100", "0,50,20,10", 60), "overlaps or leaves the file");
        add("a sparse map that leaves the file", sparse("100", "90,20", 20), "overlaps or leaves the file");
        add("a sparse map of more than its content", sparse("100", "0,50", 20), "not that of its content");
        add("a sparse map that is cut", sparse("100", "0,50,60", 50), "incomplete");
        add("a sparse file that is mostly holes", sparse("1000000000000", "0,1", 1), "1000000000000 bytes the layer");
        add(
                "a sparse map without a number",
                new TestTar()
                        .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "100")
                        .file("a", "x".repeat(HEADER)),
                "no number where it must");
        add(
                "a sparse map of too many pieces",
                new TestTar()
                        .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "100")
                        .file("a", "99999999\n" + "0".repeat(HEADER)),
                "more than 131072 segments");
    }

    private static TestTar sparse(String size, String map, int stored) {
        return new TestTar().pax("GNU.sparse.size", size, "GNU.sparse.map", map).file("a", "x".repeat(stored));
    }

    private void addDamage() {
        byte[] whole = new TestTar()
                .file("first", "1")
                .file("second", "x".repeat(5000))
                .ended();
        add("an archive cut within a header", Arrays.copyOf(whole, 2 * HEADER + 100), "ends within an entry");
        add("an archive cut within a file", Arrays.copyOf(whole, 4 * HEADER), "entry second: the archive ends within");
        byte[] damaged = whole.clone();
        damaged[3] ^= 1;
        add("a header that was changed", damaged, "its checksum is wrong");
        add("what is no archive", "not an archive".repeat(100).getBytes(US_ASCII), "not ");
        byte[] more =
                new TestTar().file("a", "").raw(new byte[HEADER]).file("b", "").ended();
        add("an archive that goes on after an end", more, "a single zero block is followed by more");
    }

    private void addBombs() {
        int most = (int) LIMITS.bytes();
        add(
                "more bytes than are allowed",
                new TestTar().header('0', "bomb", "", octal(most + 1, 12)),
                "entry bomb: with");
        add(
                "more bytes than can be counted",
                new TestTar().file("a", "x").header('0', "bomb", "", base256(Long.MAX_VALUE - 600, 12)),
                "entry bomb: with");
        TestTar whiteouts = new TestTar();
        for (int i = 0; i <= LIMITS.entries(); i++) {
            whiteouts.file(".wh." + i, "");
        }
        TestTar many = new TestTar().file("f", "");
        for (int i = 0; i < LIMITS.entries(); i++) {
            many.hardLink("f" + i, "f");
        }
        add("more files than are allowed", many, "more than the 1100 entries");
        add("more whiteouts than are allowed", whiteouts, "more than the 1100 entries");
        TestTar implied = new TestTar();
        for (int i = 0; i < LIMITS.entries(); i += 10) {
            implied.file(i + "/d".repeat(10) + "/f", "");
        }
        add("more directories than are allowed, all implied", implied, "more than the 1100 entries");
        TestTar global = new TestTar();
        byte[] header = TestTar.record("comment", "x".repeat(500_000)).getBytes(US_ASCII);
        for (int i = 0; i < 5; i++) {
            global.entry('g', "x", "", header);
        }
        add("headers without end", global.file("a", ""), "more than the 2097152 bytes that are allowed");
        byte[] unnamed =
                new TestTar().entry('0', ".wh..wh.aufs", "", new byte[most]).ended();
        add("a file that means nothing and does not end", unnamed, "more than the 2097152 bytes that are allowed");
        byte[] tail = Arrays.copyOf(new TestTar().file("a", "").ended(), most + HEADER);
        add("zeros without end after the archive", tail, "more than the 2097152 bytes that are allowed");
    }
}
