package dev.slipway.engine.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import jnr.ffi.LastError;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/// The calls by which an engine changes its host, counted: what stands in for each of them in [SteppedClasses]. An
/// engine dies before one of them, as it does when it is killed: neither that call nor a later one is made, whoever
/// asks for it. Or from one of them on everything that would make something is refused, as on a full disk.
///
/// Each method has the name and the parameters of what it stands in for, after the object that is called.
///
/// Thread-safe; one engine at a time.
public final class HostSteps {
    private static final Set<SyscallNumber> MAKING = EnumSet.of(
            SyscallNumber.MOUNT,
            SyscallNumber.UNSHARE,
            SyscallNumber.MKDIRAT,
            SyscallNumber.MKNODAT,
            SyscallNumber.SYMLINKAT,
            SyscallNumber.LINKAT,
            SyscallNumber.WRITE,
            SyscallNumber.FTRUNCATE,
            SyscallNumber.BIND,
            SyscallNumber.BPF);
    private static final Set<SyscallNumber> OTHERS = EnumSet.of(
            SyscallNumber.UMOUNT2,
            SyscallNumber.PIDFD_SEND_SIGNAL,
            SyscallNumber.KILL,
            SyscallNumber.UNLINKAT,
            SyscallNumber.RENAMEAT2,
            SyscallNumber.FCHOWNAT,
            SyscallNumber.FCHMODAT,
            SyscallNumber.FCHMOD,
            SyscallNumber.FCHOWN,
            SyscallNumber.FSETXATTR,
            SyscallNumber.LSETXATTR,
            SyscallNumber.UTIMENSAT,
            SyscallNumber.SYNCFS,
            SyscallNumber.SENDTO);
    private static final Map<Long, SyscallNumber> BY_VALUE =
            Arrays.stream(SyscallNumber.values()).collect(Collectors.toMap(SyscallNumber::value, Function.identity()));
    private static final int COUNTED = Integer.MAX_VALUE - 1;
    private static final Count COUNT = new Count();

    private HostSteps() {}

    /// The engine is no more. Not an exception that anybody would catch.
    public static final class Death extends Error {
        private static final long serialVersionUID = 1L;

        private Death() {
            super("the engine was killed", null, false, false);
        }
    }

    /// How many steps are left, and what happens then. Guarded by itself.
    private static final class Count {
        private int left = Integer.MAX_VALUE;
        private @Nullable Errno refusal;
        private @Nullable String last;

        synchronized void begin(int step, @Nullable Errno instead) {
            left = step;
            refusal = instead;
            last = null;
        }

        synchronized int taken() {
            return COUNTED - left;
        }

        synchronized void end() {
            left = Integer.MAX_VALUE;
            refusal = null;
        }

        synchronized Optional<String> last() {
            return Optional.ofNullable(last);
        }

        /// @return what refuses the step, if anything
        synchronized Optional<Errno> take(String what, boolean makes) {
            if (left != Integer.MAX_VALUE && (refusal == null || makes)) {
                left--;
            }
            if (left > 0 || (refusal != null && !makes)) {
                return Optional.empty();
            }
            last = last == null ? what : last;
            if (refusal == null) {
                throw new Death();
            }
            return Optional.of(refusal);
        }
    }

    /// From now on steps are counted, from 1, and the engine dies before number `step`.
    public static void dieBefore(int step) {
        COUNT.begin(step, null);
    }

    /// From now on steps that make something are counted, from 1; number `step` and those after it are refused, as
    /// on a disk that is full.
    public static void fillDiskBefore(int step) {
        COUNT.begin(step, Errno.ENOSPC);
    }

    /// Every step is taken again.
    public static void live() {
        COUNT.end();
    }

    /// From now on steps are counted, and all are taken.
    public static void count() {
        COUNT.begin(COUNTED, null);
    }

    /// How many steps were taken since [#count].
    public static int counted() {
        return COUNT.taken();
    }

    /// Closes a room of an engine; one that was killed lets go of nothing that is seen on the host.
    public static void letDie(AutoCloseable room) throws IOException {
        try {
            room.close();
        } catch (Death e) {
            return;
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /// The first step that was not taken, in words.
    public static Optional<String> missed() {
        return COUNT.last();
    }

    private static void make(String verb, Path path) throws IOException {
        refuse(verb + " " + path, path, true);
    }

    private static void other(String verb, Path path) throws IOException {
        refuse(verb + " " + path, path, false);
    }

    private static void refuse(String what, Path path, boolean makes) throws IOException {
        Optional<Errno> refusal = COUNT.take(what, makes);
        if (refusal.isPresent()) {
            throw new FileSystemException(path.toString(), null, refusal.get().text());
        }
    }

    /// A file that is written is made, empty, before anything is in it.
    private static void makeEmpty(Path path, OpenOption... options) throws IOException {
        if (path.startsWith("/sys") || path.startsWith("/proc")) {
            other("set", path);
            return;
        }
        make("make", path);
        Files.write(path, new byte[0], options);
        make("fill", path);
    }

    static long syscall(LibC c, long number, long a, long b, long d, long e, long f, long g) {
        SyscallNumber call = BY_VALUE.get(number);
        if (MAKING.contains(call) || OTHERS.contains(call)) {
            Optional<Errno> refusal = COUNT.take(call.name(), MAKING.contains(call));
            if (refusal.isPresent()) {
                LastError.setLastError(LibC.Holder.RUNTIME, refusal.get().number());
                return -1;
            }
        }
        return c.syscall(number, a, b, d, e, f, g);
    }

    static int posix_spawn(
            LibC c,
            Pointer pid,
            String path,
            Pointer actions,
            @Nullable Pointer attributes,
            Pointer argv,
            Pointer env) {
        Optional<Errno> refusal = COUNT.take("start a program", true);
        return refusal.map(Errno::number).orElseGet(() -> c.posix_spawn(pid, path, actions, attributes, argv, env));
    }

    public static Process start(ProcessBuilder program) throws IOException {
        make("run", Path.of(program.command().getFirst()));
        return program.start();
    }

    public static int write(FileChannel channel, ByteBuffer bytes) throws IOException {
        make("write", Path.of("an open file"));
        return channel.write(bytes);
    }

    public static int write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        other("send to", Path.of("a connection"));
        return channel.write(bytes);
    }

    public static FileChannel open(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        make("open", path);
        return FileChannel.open(path, options, attributes);
    }

    public static Path createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        make("make", path);
        return Files.createDirectory(path, attributes);
    }

    public static Path createDirectories(Path path, FileAttribute<?>... attributes) throws IOException {
        if (!Files.isDirectory(path)) {
            make("make", path);
        }
        return Files.createDirectories(path, attributes);
    }

    public static Path createFile(Path path, FileAttribute<?>... attributes) throws IOException {
        make("make", path);
        return Files.createFile(path, attributes);
    }

    public static Path createTempFile(Path directory, String prefix, String suffix, FileAttribute<?>... attributes)
            throws IOException {
        make("make a file in", directory);
        return Files.createTempFile(directory, prefix, suffix, attributes);
    }

    public static Path createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes) throws IOException {
        make("make", link);
        return Files.createSymbolicLink(link, target, attributes);
    }

    public static Path write(Path path, byte[] bytes, OpenOption... options) throws IOException {
        makeEmpty(path, options);
        return Files.write(path, bytes, options);
    }

    public static Path write(Path path, Iterable<? extends CharSequence> lines, OpenOption... options)
            throws IOException {
        List<String> all = StreamSupport.stream(lines.spliterator(), false)
                .map(CharSequence::toString)
                .toList();
        return write(path, (String.join("\n", all) + "\n").getBytes(StandardCharsets.UTF_8), options);
    }

    public static Path writeString(Path path, CharSequence text, OpenOption... options) throws IOException {
        return write(path, text.toString().getBytes(StandardCharsets.UTF_8), options);
    }

    public static Path move(Path from, Path to, CopyOption... options) throws IOException {
        other("rename", from);
        return Files.move(from, to, options);
    }

    public static void delete(Path path) throws IOException {
        other("remove", path);
        Files.delete(path);
    }

    public static boolean deleteIfExists(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            other("remove", path);
        }
        return Files.deleteIfExists(path);
    }

    public static Path setPosixFilePermissions(Path path, Set<PosixFilePermission> permissions) throws IOException {
        other("change the mode of", path);
        return Files.setPosixFilePermissions(path, permissions);
    }
}
