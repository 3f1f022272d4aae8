package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyCommandTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void what_comes_out_of_a_container_is_this_users_and_has_no_special_rights() throws Exception {
        Path file = Files.writeString(folder.resolve("program"), "content");
        Object own = Files.getAttribute(file, "unix:uid");
        Path archive = folder.resolve("archive.tar");
        tar(List.of(
                "-c",
                "--owner=42",
                "--group=42",
                "--mode=6777",
                "-f",
                archive.toString(),
                "-C",
                folder.toString(),
                "program"));
        Files.delete(file);

        List<String> unpacking = new ArrayList<>(CopyCommand.unpacking(folder));
        unpacking.replaceAll(word -> word.equals("-") ? archive.toString() : word);
        tar(unpacking);

        assertEquals("content", Files.readString(file));
        assertEquals(own, Files.getAttribute(file, "unix:uid"));
        assertEquals(0, (int) Files.getAttribute(file, "unix:mode") & 07000);
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    private static void tar(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "umask 022; exec tar \"$@\"", "tar"));
        command.addAll(arguments);
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }
}
