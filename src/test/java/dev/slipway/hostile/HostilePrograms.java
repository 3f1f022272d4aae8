package dev.slipway.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.TreeRemoval;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The program of `src/test/c/hostile`, compiled, and things of the host that it reaches for: a file, a process, a
/// disk, sockets, shared memory.
public final class HostilePrograms implements AutoCloseable {
    private static final Path SOURCES = Path.of("src/test/c/hostile");

    private final Path home;
    private final Process holder;
    private final List<String> facts;

    private HostilePrograms(Path home, Process holder, List<String> facts) {
        this.home = home;
        this.holder = holder;
        this.facts = facts;
    }

    public static HostilePrograms prepare() throws IOException {
        Path home = Files.createTempDirectory("slwhost");
        try {
            // Nothing but isolation shall hide what is in it.
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
            compile(home.resolve("knock"));
            return holding(home);
        } catch (IOException | AssertionError e) {
            TreeRemoval.remove(home);
            throw e;
        }
    }

    private static HostilePrograms holding(Path home) throws IOException {
        Path secret = Files.writeString(home.resolve("secret"), "of the host");
        List<String> facts = new ArrayList<>(
                List.of("HOST_FILE=" + secret.toRealPath(), "HOST_DISK=" + disk(), "HANDLE_OF=/etc/hosts"));
        Process holder = new ProcessBuilder(home.resolve("knock").toString(), "hold")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            facts.addAll(held(holder));
        } catch (IOException | AssertionError e) {
            holder.destroyForcibly();
            throw e;
        }
        return new HostilePrograms(home, holder, List.copyOf(facts));
    }

    /// What a process says that it holds, up to its last word.
    private static List<String> held(Process holder) throws IOException {
        List<String> held = new ArrayList<>();
        BufferedReader reader = holder.inputReader();
        for (String line = reader.readLine(); !"end".equals(line); line = reader.readLine()) {
            assertNotNull(line, () -> "the process of the host ended after " + held);
            held.add(line);
        }
        return held;
    }

    /// One that nobody else has.
    String name() {
        return home.getFileName().toString();
    }

    /// Static, so that it runs anywhere.
    public Path program() {
        return home.resolve("knock");
    }

    /// The command that tries doors; all if none is named.
    public List<String> knocking(String... doors) {
        return Stream.of(List.of("/knock"), facts, List.of(doors))
                .flatMap(List::stream)
                .toList();
    }

    /// A root file system for it: the program, busybox, and a device node such as a hostile image brings.
    public static void fill(Path tree, Path program) throws IOException {
        for (String directory : List.of("proc", "sys", "dev", "etc", "tmp", "data", "bin")) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(program, tree.resolve("knock"));
        Files.copy(Path.of("/bin/busybox"), tree.resolve("bin/busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sh"), Path.of("busybox"));
        Files.setPosixFilePermissions(tree.resolve("knock"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(tree.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(tree.resolve("etc/hosts"), "");
        run("mknod", "-m", "666", tree.resolve("kmsg").toString(), "c", "1", "11");
    }

    /// A directory of the host that goes with this.
    public Path directory(String name) throws IOException {
        return Files.createDirectories(home.resolve(name));
    }

    /// Tries doors without protection: on the host, in a chroot(2), with a descriptor that leads out of it.
    public String knockOnHost(List<String> doors) throws IOException {
        Path tree = directory("chroot");
        fill(tree, program());
        String mounts = Stream.of("proc", "sys", "dev")
                .map(each -> "mount --rbind /%s %s/%s && ".formatted(each, tree, each))
                .reduce("", String::concat);
        List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "sh", "-c"));
        words.add(mounts + "exec 9</ && exec chroot " + tree + " \"$@\"");
        words.add("sh");
        words.addAll(knocking(doors.toArray(String[]::new)));
        return run(words.toArray(String[]::new));
    }

    /// Runs a command of the host to its end.
    public static String run(String... words) throws IOException {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertEquals(0, process.waitFor(), () -> String.join(" ", words) + "\n" + output);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IOException(e);
        }
        return output;
    }

    private static void compile(Path program) throws IOException {
        List<String> words = new ArrayList<>(List.of("cc", "-std=gnu11", "-Os", "-static", "-Wall", "-Wextra"));
        words.addAll(List.of("-Werror", "-o", program.toString()));
        try (Stream<Path> sources = Files.list(SOURCES)) {
            sources.filter(path -> path.toString().endsWith(".c")).sorted().forEach(path -> words.add(path.toString()));
        }
        run(words.toArray(String[]::new));
    }

    /// Numbers of the first one that the host's root can read; of a loop device where a hypervisor denies that.
    private static String disk() throws IOException {
        return Files.readAllLines(Path.of("/proc/partitions")).stream()
                .map(line -> line.trim().split(" +"))
                .filter(words -> words.length == 4 && words[0].matches("\\d+"))
                .filter(words -> isReadable(Path.of("/dev", words[3])))
                .map(words -> words[0] + ":" + words[1])
                .findFirst()
                .orElse("7:0");
    }

    private static boolean isReadable(Path device) {
        try (SeekableByteChannel channel = Files.newByteChannel(device)) {
            return channel.isOpen();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        holder.getOutputStream().close();
        try {
            assertTrue(holder.waitFor(20, TimeUnit.SECONDS), "the process of the host does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            holder.destroyForcibly();
            TreeRemoval.remove(home);
        }
    }
}
