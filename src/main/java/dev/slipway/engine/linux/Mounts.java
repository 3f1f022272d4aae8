package dev.slipway.engine.linux;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import jnr.ffi.Pointer;

/// Mounts of the host, as few as possible: what belongs to one container is mounted inside it, by the shim.
///
/// @spec https://man7.org/linux/man-pages/man2/mount.2.html mount(2)
/// @spec https://man7.org/linux/man-pages/man2/umount.2.html umount2(2)
public final class Mounts {
    private static final long MS_RDONLY = 1;
    private static final long MS_NOSUID = 2;
    private static final long MS_NODEV = 4;
    private static final long MS_NOEXEC = 8;
    private static final long MS_BIND = 0x1000;
    private static final long MS_REC = 0x4000;
    private static final long MS_PRIVATE = 0x40000;
    private static final long CLONE_NEWNS = 0x20000;
    private static final long MNT_DETACH = 2;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int OPEN_TREE_CLONE_CLOEXEC = 1 | 02000000;
    private static final int MOUNT_ATTR_BYTES = 32;
    private static final long MOUNT_ATTR_RDONLY = 1;
    private static final long MOUNT_ATTR_NOEXEC = 8;
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private static final int STATFS_BYTES = 120;
    private static final int STATFS_FILES = 40;
    private static final int STATFS_FREE_FILES = 48;

    private Mounts() {}

    /// Of how many files and directories a file system can consist.
    ///
    /// @param all zero where it makes inodes as they are needed and counts none
    public record Inodes(long all, long free) {}

    /// Of the file system that `path` lies on. Offsets are those of `struct statfs` on 64-bit architectures.
    ///
    /// @spec https://man7.org/linux/man-pages/man2/statfs.2.html statfs(2): f_files, f_ffree
    public static Inodes inodes(Path path) throws LinuxException {
        Pointer name = Syscalls.string(path.toString());
        Pointer statfs = Syscalls.buffer(STATFS_BYTES);
        try {
            Syscalls.call(SyscallNumber.STATFS, path.toString(), name.address(), statfs.address());
            return new Inodes(statfs.getLong(STATFS_FILES), statfs.getLong(STATFS_FREE_FILES));
        } finally {
            Reference.reachabilityFence(name);
            Reference.reachabilityFence(statfs);
        }
    }

    /// Makes `source`, a file or a directory, appear at `target` as well.
    public static void bind(String source, Path target) throws LinuxException {
        mount(source, target, "none", MS_BIND, "");
    }

    /// Mounts memory on a directory, without device nodes and set-uid programs.
    ///
    /// @param options as tmpfs(5) takes them, for instance `size=1048576,mode=0700`
    public static void tmpfs(Path target, String options) throws LinuxException {
        mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options);
    }

    /// Mounts huge pages on a directory.
    ///
    /// @param options as hugetlbfs takes them, for instance `pagesize=2097152,size=4194304`
    /// @spec https://docs.kernel.org/admin-guide/mm/hugetlbpage.html HugeTLB Pages
    public static void hugePages(Path target, String options) throws LinuxException {
        mount("hugetlbfs", target, "hugetlbfs", MS_NOSUID | MS_NODEV, options);
    }

    /// Mounts memory on a directory to share data in: as [#tmpfs], and nothing in it can be executed.
    public static void sharedMemory(Path target, long sizeBytes) throws LinuxException {
        mount("shm", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=" + sizeBytes);
    }

    /// Mounts a directory of an NFS server by the kernel's own client, without device nodes and set-uid programs. A
    /// server that does not answer holds the caller in the kernel, for ever: not on a thread that others wait for.
    ///
    /// @param source `server:/path`
    /// @param options as the kernel takes them, which looks up no names: `addr=` is the server's address
    public static void nfs(String source, Path target, boolean readOnly, String options) throws LinuxException {
        mount(source, target, "nfs4", MS_NOSUID | MS_NODEV | (readOnly ? MS_RDONLY : 0), options);
    }

    /// Whether something is mounted on `path`: it then lies on another file system than the directory it is in.
    public static boolean isMountPoint(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path parent = Objects.requireNonNull(absolute.getParent(), "the root of the host is no question");
        return Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)
                && !Files.getAttribute(absolute, "unix:dev", LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getAttribute(parent, "unix:dev"));
    }

    /// Takes the topmost mount off `target` at once; whoever still uses it keeps it until the last use ends.
    ///
    /// @return false if nothing was mounted there
    public static boolean detach(Path target) throws LinuxException {
        Pointer path = Syscalls.string(target.toString());
        long result = Syscalls.tryCall(SyscallNumber.UMOUNT2, path.address(), MNT_DETACH);
        Reference.reachabilityFence(path);
        if (result == -Errno.EINVAL.number() || result == -Errno.ENOENT.number()) {
            return false;
        }
        if (result < 0) {
            throw new LinuxException((int) -result, "unmount", target.toString());
        }
        return true;
    }

    /// All mounts that this process sees, in the order in which they were made.
    public static List<MountEntry> table() throws IOException {
        return Files.readAllLines(TABLE).stream().map(MountEntry::parse).toList();
    }

    /// The type of the file system that is mounted at `point` itself, topmost; empty if none is. The file system is
    /// not asked, so that one whose server is dead holds nobody.
    ///
    /// @param point without links
    public static Optional<String> typeAt(Path point) throws IOException {
        return table().stream()
                .filter(entry -> entry.point().equals(point))
                .map(MountEntry::type)
                .reduce((lower, upper) -> upper);
    }

    /// The mount that a path is on, topmost. The file system is not asked.
    ///
    /// @param path without links
    public static MountEntry of(Path path) throws IOException {
        return table().stream()
                .filter(entry -> path.startsWith(entry.point()))
                .reduce((one, other) ->
                        other.point().getNameCount() >= one.point().getNameCount() ? other : one)
                .orElseThrow(() -> new IOException("no mount is known that %s is on".formatted(path)));
    }

    /// Whether a file system of `type` is mounted at `point` itself.
    public static boolean isMounted(Path point, String type) throws IOException {
        return table().stream()
                .anyMatch(entry -> entry.point().equals(point) && entry.type().equals(type));
    }

    /// A view of a program, attached nowhere, through which it can be executed but never written or changed; also
    /// where the program's own file system may not be executed from.
    ///
    /// @return a descriptor for [ChildProcess#start], which keeps the view alive
    public static Fd guardedProgram(Path program) throws LinuxException {
        Pointer path = Syscalls.string(program.toString());
        Fd view = new Fd((int) Syscalls.call(
                SyscallNumber.OPEN_TREE, program.toString(), AT_FDCWD, path.address(), OPEN_TREE_CLONE_CLOEXEC));
        Reference.reachabilityFence(path);
        Pointer attributes = Syscalls.buffer(MOUNT_ATTR_BYTES);
        attributes.putLong(0, MOUNT_ATTR_RDONLY);
        attributes.putLong(8, MOUNT_ATTR_NOEXEC);
        Pointer empty = Syscalls.string("");
        try {
            Syscalls.call(
                    SyscallNumber.MOUNT_SETATTR,
                    program.toString(),
                    view.number(),
                    empty.address(),
                    AT_EMPTY_PATH,
                    attributes.address(),
                    MOUNT_ATTR_BYTES);
            Reference.reachabilityFence(List.of(attributes, empty));
            return view;
        } catch (LinuxException e) {
            view.close();
            throw e;
        }
    }

    /// Image layers as overlayfs shows them, whiteouts and opaque directories honoured, to be read through a
    /// descriptor. The mount is made in a mount namespace of its own, and taken off before the descriptor is handed
    /// out: the host's mount table never shows it, and it ends with the descriptor.
    ///
    /// @param lowers layer directories, topmost first, at least two
    /// @return the merged root, readable only
    /// @spec https://docs.kernel.org/filesystems/overlayfs.html overlayfs
    public static Fd mergedLayers(List<Path> lowers) throws IOException {
        return ThreadOfItsOwn.run("layers", () -> merge(lowers, List.of(), MS_RDONLY));
    }

    /// As [#mergedLayers], with a directory on top that takes what is written: nobody else may have it mounted. What
    /// was written is in it, and on the disk, when the last descriptor has been closed.
    ///
    /// @param work empty directory on the file system of `upper`, which overlayfs needs
    public static Fd writableLayers(List<Path> lowers, Path upper, Path work) throws IOException {
        return ThreadOfItsOwn.run("layers", () -> merge(lowers, List.of(upper, work), MS_NOSUID | MS_NODEV));
    }

    /// @param writable upper and work, or nothing
    private static Fd merge(List<Path> lowers, List<Path> writable, long flags) throws LinuxException {
        Syscalls.call(SyscallNumber.UNSHARE, "mount namespace", CLONE_NEWNS);
        mount("none", Path.of("/"), "none", MS_REC | MS_PRIVATE, "");
        At at = new At();
        List<Fd> opened = new ArrayList<>();
        try {
            for (Path lower : lowers) {
                opened.add(at.openHost(lower));
            }
            for (Path directory : writable) {
                opened.add(at.openHost(directory));
            }
            // The options of mount(2) are limited to one page: so short are the names of 500 layers only from here. The
            // directory that a thread works in is its own since it has mounts of its own.
            Pointer descriptors = Syscalls.string("/proc/self/fd");
            Syscalls.call(SyscallNumber.CHDIR, "/proc/self/fd", descriptors.address());
            Reference.reachabilityFence(descriptors);
            String names = opened.stream()
                    .limit(lowers.size())
                    .map(fd -> Integer.toString(fd.number()))
                    .collect(Collectors.joining(":"));
            String options = "lowerdir=" + names
                    + (writable.isEmpty()
                            ? ""
                            : ",upperdir=%d,workdir=%d"
                                    .formatted(
                                            opened.get(lowers.size()).number(),
                                            opened.getLast().number()));
            Path somewhere = lowers.getLast();
            mount("overlay", somewhere, "overlay", flags, options);
            Fd root = at.openHost(somewhere);
            // The namespace goes at some time after this thread; the mount is to end with its last descriptor.
            detach(somewhere);
            return root;
        } finally {
            opened.forEach(Fd::close);
        }
    }

    static void mount(String source, Path target, String type, long flags, String options) throws LinuxException {
        Pointer sourceText = Syscalls.string(source);
        Pointer targetText = Syscalls.string(target.toString());
        Pointer typeText = Syscalls.string(type);
        Pointer optionText = Syscalls.string(options);
        Syscalls.call(
                SyscallNumber.MOUNT,
                source + " on " + target,
                sourceText.address(),
                targetText.address(),
                typeText.address(),
                flags,
                optionText.address());
        Reference.reachabilityFence(List.of(sourceText, targetText, typeText, optionText));
    }
}
