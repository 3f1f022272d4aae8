package dev.slipway.engine.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageUsersTest {
    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/sh
            daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
            app:x:1000:1001:The App,,,:/home/app:/bin/sh
            twin:x:1000:7:second of the same number:/twin:/bin/sh
            homeless:x:70:70
            """;
    private static final String GROUP = """
            root:x:0:root
            bin:x:1:root,daemon
            app:x:1001:app
            audio:x:29:app,daemon
            docker:x:999:daemon,app
            audio2:x:29:app
            empty:x:50:
            """;

    @TempDir
    private Path layer;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectory(layer.resolve("etc"));
        Files.writeString(layer.resolve("etc/passwd"), PASSWD);
        Files.writeString(layer.resolve("etc/group"), GROUP);
    }

    @Test
    void a_name_brings_its_group_its_groups_and_its_home() throws IOException {
        assertEquals(resolved(1000, 1001, List.of(29, 999), "/home/app"), resolve("app"));
    }

    @Test
    void a_number_finds_its_first_entry() throws IOException {
        assertEquals(resolved(1000, 1001, List.of(29, 999), "/home/app"), resolve("1000"));
    }

    @Test
    void nobody_named_is_root_with_the_groups_of_root() throws IOException {
        assertEquals(resolved(0, 0, List.of(1), "/root"), resolve(""));
        assertEquals(resolve(""), resolve("0"));
        assertEquals(resolve(""), resolve("root"));
    }

    @Test
    void a_number_without_an_entry_has_group_0_and_nothing_else() throws IOException {
        assertEquals(new ImageUsers.Resolved(new Identity(4711, 0, List.of()), Optional.empty()), resolve("4711"));
        assertEquals(
                new ImageUsers.Resolved(new Identity(2147483647, 5, List.of()), Optional.empty()),
                resolve("2147483647:5"));
    }

    @Test
    void a_group_that_is_given_is_the_only_one() throws IOException {
        assertEquals(resolved(1000, 29, List.of(), "/home/app"), resolve("app:audio"));
        assertEquals(resolved(1000, 4711, List.of(), "/home/app"), resolve("app:4711"));
        assertEquals(resolved(0, 999, List.of(), "/root"), resolve(":docker"));
    }

    @Test
    void an_empty_group_is_none() throws IOException {
        assertEquals(resolve("app"), resolve("app:"));
    }

    @Test
    void a_short_entry_has_no_home() throws IOException {
        assertEquals(new ImageUsers.Resolved(new Identity(70, 70, List.of()), Optional.empty()), resolve("homeless"));
    }

    @Test
    void an_unknown_name_is_refused_by_name() {
        assertEquals("unable to find user ghost: no matching entries in /etc/passwd of the image", refusal("ghost"));
        assertEquals(
                "unable to find group ghosts: no matching entries in /etc/group of the image", refusal("app:ghosts"));
        assertEquals(
                "unable to find group audio:x: no matching entries in /etc/group of the image", refusal("app:audio:x"));
    }

    @Test
    @DisplayName("CVE-2024-40635: a number out of range is refused and never wraps to root")
    void a_number_out_of_range_is_refused_and_never_wraps_to_root() {
        for (String number : List.of("-1", "2147483648", "4294967295", "4294967296", "18446744073709551616")) {
            assertEquals("uid is not from 0 to 2147483647: " + number, refusal(number));
            assertEquals("gid is not from 0 to 2147483647: " + number, refusal("app:" + number));
        }
    }

    @Test
    void an_entry_with_an_impossible_number_is_nobody() throws IOException {
        Files.writeString(layer.resolve("etc/passwd"), """
                wraps:x:4294967296:0::/:
                words:x:zero:0::/:
                nothing:x:::
                lonely
                group:x:5:-1::/:
                :x:0:0::/nameless:
                """);
        Files.writeString(layer.resolve("etc/group"), """
                wide:x:4294967296:wraps
                """);

        assertEquals("uid of user wraps is not from 0 to 2147483647: 4294967296", refusal("wraps"));
        assertEquals("uid of user words is not from 0 to 2147483647: zero", refusal("words"));
        assertEquals("uid of user nothing is not from 0 to 2147483647: ", refusal("nothing"));
        assertEquals("uid of user lonely is not from 0 to 2147483647: ", refusal("lonely"));
        assertEquals("gid of user group is not from 0 to 2147483647: -1", refusal("group"));
        assertEquals("gid of group wide is not from 0 to 2147483647: 4294967296", refusal("5:wide"));
        assertEquals(Optional.empty(), resolve("0").home());
    }

    @Test
    void an_image_without_files_knows_numbers_only() throws IOException {
        Files.delete(layer.resolve("etc/passwd"));
        Files.delete(layer.resolve("etc/group"));

        assertEquals(new ImageUsers.Resolved(Identity.ROOT, Optional.empty()), resolve(""));
        assertEquals(new ImageUsers.Resolved(new Identity(5, 6, List.of()), Optional.empty()), resolve("5:6"));
        assertEquals("unable to find user root: no matching entries in /etc/passwd of the image", refusal("root"));
    }

    @Test
    void lines_of_windows_and_lines_without_sense_do_no_harm() throws IOException {
        Files.writeString(
                layer.resolve("etc/passwd"), "\r\n#comment\n+::::::\n::::\n\0\0\nweb:x:33:33:web:/var/www:/bin/sh\r\n");

        assertEquals(resolved(33, 33, List.of(), "/var/www"), resolve("web"));
    }

    @Test
    @DisplayName("CVE-2024-9676: a fifo in the place of /etc/passwd holds nobody up")
    void a_fifo_is_refused_at_once() throws Exception {
        Path passwd = layer.resolve("etc/passwd");
        Files.delete(passwd);
        assertEquals(0, new ProcessBuilder("mkfifo", passwd.toString()).start().waitFor());

        IOException refused = assertThrows(IOException.class, () -> ImageUsers.of(List.of(layer)));

        assertEquals("read /etc/passwd: not a regular file", refused.getMessage());
    }

    @Test
    void a_file_of_more_than_10_mebibytes_is_refused_unread() throws IOException {
        try (RandomAccessFile passwd =
                new RandomAccessFile(layer.resolve("etc/passwd").toFile(), "rw")) {
            passwd.setLength(1L << 40);
        }

        IOException refused = assertThrows(IOException.class, () -> ImageUsers.of(List.of(layer)));

        assertEquals("read /etc/passwd: larger than 10485760 bytes", refused.getMessage());
    }

    private ImageUsers.Resolved resolve(String user) throws IOException {
        return ImageUsers.of(List.of(layer)).resolve(user);
    }

    private String refusal(String user) {
        return assertThrows(IllegalArgumentException.class, () -> resolve(user)).getMessage();
    }

    private static ImageUsers.Resolved resolved(int uid, int gid, List<Integer> groups, String home) {
        return new ImageUsers.Resolved(new Identity(uid, gid, groups), Optional.of(home));
    }
}
