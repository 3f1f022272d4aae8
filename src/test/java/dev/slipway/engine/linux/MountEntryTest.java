package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MountEntryTest {
    @Test
    void a_line_has_optional_fields_before_the_dash() {
        MountEntry entry = MountEntry.parse(
                "35 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:1 - cgroup cgroup rw,cpu,cpuacct");

        assertEquals(
                new MountEntry(
                        "/",
                        Path.of("/sys/fs/cgroup/cpu,cpuacct"),
                        true,
                        true,
                        "cgroup",
                        Set.of("rw", "cpu", "cpuacct")),
                entry);
    }

    @Test
    void a_line_may_have_no_optional_fields() {
        assertEquals(
                new MountEntry("net:[4026532287]", Path.of("/run/x/netns"), false, false, "nsfs", Set.of("rw")),
                MountEntry.parse("60 27 0:4 net:[4026532287] /run/x/netns rw - nsfs nsfs rw"));
    }

    @Test
    void blanks_in_paths_are_octal() {
        assertEquals(
                Path.of("/mnt/a b\\c"),
                MountEntry.parse("60 27 0:4 / /mnt/a\\040b\\134c rw - ext4 /dev/sda rw")
                        .point());
    }

    @Test
    void other_lines_are_refused() {
        assertThrows(IllegalArgumentException.class, () -> MountEntry.parse(""));
        assertThrows(IllegalArgumentException.class, () -> MountEntry.parse("60 27 0:4 / /mnt rw ext4 /dev/sda rw"));
    }
}
