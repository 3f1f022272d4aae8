package dev.slipway.engine.linux;

/// System call numbers, which differ between x86_64 and arm64. Calls that arm64 never had are not listed: use the
/// `*at` forms.
///
/// @spec https://man7.org/linux/man-pages/man2/syscalls.2.html syscalls(2)
enum SyscallNumber {
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    OPENAT2(437, 437),
    CLOSE_RANGE(436, 436),
    PIDFD_OPEN(434, 434),
    PIDFD_SEND_SIGNAL(424, 424),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    MOUNT_SETATTR(442, 442),
    SETNS(308, 268),
    UNSHARE(272, 97),
    CHDIR(80, 49),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    SYMLINKAT(266, 36),
    LINKAT(265, 37),
    UNLINKAT(263, 35),
    RENAMEAT2(316, 276),
    READLINKAT(267, 78),
    FCHOWNAT(260, 54),
    FCHMODAT(268, 53),
    FCHMOD(91, 52),
    FCHOWN(93, 55),
    UTIMENSAT(280, 88),
    STATX(332, 291),
    GETDENTS64(217, 61),
    FSETXATTR(190, 7),
    LSETXATTR(189, 6),
    LGETXATTR(192, 9),
    LLISTXATTR(195, 12),
    LREMOVEXATTR(198, 15),
    FSYNC(74, 82),
    PPOLL(271, 73),
    SYNCFS(306, 267),
    IOCTL(16, 29),
    FTRUNCATE(77, 46),
    FALLOCATE(285, 47),
    STATFS(137, 43),
    FLOCK(73, 32),
    READ(0, 63),
    WRITE(1, 64),
    LSEEK(8, 62),
    MADVISE(28, 233),
    OPENAT(257, 56),
    QUOTACTL_FD(443, 443),
    SOCKET(41, 198),
    BIND(49, 200),
    LISTEN(50, 201),
    SENDTO(44, 206),
    RECVFROM(45, 207),
    SETSOCKOPT(54, 208),
    WAIT4(61, 260),
    KILL(62, 129),
    PRCTL(157, 167),
    SETFSUID(122, 151),
    SETFSGID(123, 152),
    BPF(321, 280);

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

    private final int x86;
    private final int arm;

    SyscallNumber(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    long value() {
        return ARM ? arm : x86;
    }
}
