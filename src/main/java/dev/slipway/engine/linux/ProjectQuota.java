package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Optional;
import jnr.ffi.Pointer;

/// Project quotas: a file system counts what the files of a project take, and refuses more than the project's limit. A
/// file has the project of the directory that it is made in, if that passes its own on.
///
/// Everything is asked of a descriptor of the file system ([#open]), and needs root of the host.
///
/// @spec https://man7.org/linux/man-pages/man2/quotactl.2.html quotactl(2)
/// @spec https://man7.org/linux/man-pages/man2/FS_IOC_FSGETXATTR.2const.html ioctl_xfs_fsgetxattr(2)
public final class ProjectQuota {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;

    /// `struct fsxattr`.
    private static final long FS_IOC_FSGETXATTR = 0x801c581fL;
    private static final long FS_IOC_FSSETXATTR = 0x401c5820L;
    private static final int FSXATTR_BYTES = 28;
    private static final int PROJECT_OFFSET = 12;
    private static final int FS_XFLAG_PROJINHERIT = 0x200;

    private static final int PRJQUOTA = 2;
    private static final long Q_GETQUOTA = 0x800007L;
    private static final long Q_SETQUOTA = 0x800008L;
    private static final long Q_XGETQSTAT = 0x5805L;

    /// `struct fs_quota_stat`.
    private static final int QUOTA_STAT_BYTES = 80;
    private static final int FS_QUOTA_PDQ_ENFD = 1 << 5;

    /// `struct if_dqblk`.
    private static final int DQBLK_BYTES = 72;
    private static final int QIF_BLIMITS = 1;
    private static final int BLOCK_BYTES = 1024;

    private ProjectQuota() {}

    /// What the files of a project take.
    ///
    /// @param files of all types, directories too
    /// @param limitBytes 0 for none
    public record Usage(long bytes, long files, long limitBytes) {
        private static final Usage NOTHING = new Usage(0, 0, 0);
    }

    /// The project that a file is of.
    ///
    /// @param id 0 for none
    /// @param isPassedOn to what is made in it; of directories only
    public record Membership(int id, boolean isPassedOn) {}

    /// Opens a directory itself, for the calls below.
    public static Fd open(Path directory) throws LinuxException {
        return Fd.open(directory, O_DIRECTORY | O_NOFOLLOW);
    }

    /// Whether the file system refuses what goes beyond the limit of a project; not if it only counts, nor if this
    /// process may not ask.
    public static boolean isEnforced(Fd directory) throws LinuxException {
        Pointer stat = Syscalls.buffer(QUOTA_STAT_BYTES);
        long result = Syscalls.tryCall(
                SyscallNumber.QUOTACTL_FD, directory.number(), command(Q_XGETQSTAT), 0, stat.address());
        short flags = stat.getShort(2);
        Reference.reachabilityFence(stat);
        if (result < 0) {
            return none(Errno.of((int) -result), (int) -result);
        }
        if ((flags & FS_QUOTA_PDQ_ENFD) == 0) {
            return false;
        }
        return get(directory, 0, Syscalls.buffer(DQBLK_BYTES)) != -Errno.EPERM.number();
    }

    /// @return false for the ways in which a kernel or a file system says that it has none
    private static boolean none(Errno errno, int number) throws LinuxException {
        return switch (errno) {
            case ENOSYS, EOPNOTSUPP, EINVAL, ESRCH, ENOTTY, ENODEV, EPERM -> false;
            default -> throw new LinuxException(number, "quotactl", "project quotas");
        };
    }

    public static Membership membership(Fd file) throws LinuxException {
        Pointer attributes = attributes(file);
        return new Membership(attributes.getInt(PROJECT_OFFSET), (attributes.getInt(0) & FS_XFLAG_PROJINHERIT) != 0);
    }

    /// As above; empty where the file system knows no projects.
    public static Optional<Membership> findMembership(Fd file) throws LinuxException {
        try {
            return Optional.of(membership(file));
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case ENOTTY, EOPNOTSUPP, EINVAL, ENOSYS -> Optional.empty();
                default -> throw e;
            };
        }
    }

    /// Moves a file or directory to a project; what is in a directory stays where it is.
    ///
    /// @param file open for reading
    public static void join(Fd file, Membership membership) throws LinuxException {
        Pointer attributes = attributes(file);
        int flags = attributes.getInt(0) & ~FS_XFLAG_PROJINHERIT;
        attributes.putInt(0, membership.isPassedOn() ? flags | FS_XFLAG_PROJINHERIT : flags);
        attributes.putInt(PROJECT_OFFSET, membership.id());
        Syscalls.call(
                SyscallNumber.IOCTL,
                "to join project " + membership.id(),
                file.number(),
                FS_IOC_FSSETXATTR,
                attributes.address());
        Reference.reachabilityFence(attributes);
    }

    private static Pointer attributes(Fd file) throws LinuxException {
        Pointer attributes = Syscalls.buffer(FSXATTR_BYTES);
        Syscalls.call(SyscallNumber.IOCTL, "project of a file", file.number(), FS_IOC_FSGETXATTR, attributes.address());
        return attributes;
    }

    public static Usage usage(Fd directory, int project) throws LinuxException {
        Pointer block = Syscalls.buffer(DQBLK_BYTES);
        long result = get(directory, project, block);
        if (result == -Errno.ENOENT.number()) {
            return Usage.NOTHING;
        }
        if (result < 0) {
            throw new LinuxException((int) -result, "read quota", "of project " + project);
        }
        return new Usage(block.getLong(16), block.getLong(40), block.getLong(0) * BLOCK_BYTES);
    }

    /// The limit that the kernel keeps when it is given one: whole KiB, and no more than it can count in bytes.
    public static long rounded(long bytes) {
        return bytes == 0 ? 0 : Math.min((bytes - 1) / BLOCK_BYTES + 1, Long.MAX_VALUE / BLOCK_BYTES) * BLOCK_BYTES;
    }

    /// @param bytes see [#rounded]; 0 for no limit
    public static void limit(Fd directory, int project, long bytes) throws LinuxException {
        Pointer block = Syscalls.buffer(DQBLK_BYTES);
        block.putLong(0, rounded(bytes) / BLOCK_BYTES);
        block.putInt(64, QIF_BLIMITS);
        Syscalls.call(
                SyscallNumber.QUOTACTL_FD,
                "set quota of project " + project,
                directory.number(),
                command(Q_SETQUOTA),
                project,
                block.address());
        Reference.reachabilityFence(block);
    }

    private static long get(Fd directory, int project, Pointer block) {
        long result = Syscalls.tryCall(
                SyscallNumber.QUOTACTL_FD, directory.number(), command(Q_GETQUOTA), project, block.address());
        Reference.reachabilityFence(block);
        return result;
    }

    private static long command(long command) {
        return command << 8 | PRJQUOTA;
    }
}
