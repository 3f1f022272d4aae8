package dev.slipway.engine.plan;

import java.util.Locale;

/// What a step does: a system call by its number, or something that the shim does itself, by the number in `plan.h`.
///
/// @spec https://man7.org/linux/man-pages/man2/syscalls.2.html syscalls(2)
enum Call {
    ACCEPT4(288, 242),
    CAPGET(125, 90),
    CAPSET(126, 91),
    CHDIR(80, 49),
    CLOSE(3, 57),
    CLOSE_RANGE(436, 436),
    DUP3(292, 24),
    FCHDIR(81, 50),
    FCHOWN(93, 55),
    FCNTL(72, 25),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    FSOPEN(430, 430),
    FSTATFS(138, 44),
    GETCWD(79, 17),
    IOCTL(16, 29),
    KEYCTL(250, 219),
    MKDIRAT(258, 34),
    MOUNT(165, 40),
    MOUNT_SETATTR(442, 442),
    MOVE_MOUNT(429, 429),
    OPENAT2(437, 437),
    OPEN_TREE(428, 428),
    PIVOT_ROOT(155, 41),
    PPOLL(271, 73),
    PRCTL(157, 167),
    PRLIMIT64(302, 261),
    READ(0, 63),
    RT_SIGACTION(13, 134),
    SECCOMP(317, 277),
    SETFSGID(123, 152),
    SETFSUID(122, 151),
    SETGROUPS(116, 159),
    SETHOSTNAME(170, 161),
    SETNS(308, 268),
    SETRESGID(119, 149),
    SETRESUID(117, 147),
    SETSID(112, 157),
    SOCKET(41, 198),
    STATX(332, 291),
    SYMLINKAT(266, 36),
    UMASK(95, 166),
    UMOUNT2(166, 39),
    UNLINKAT(263, 35),
    UNSHARE(272, 97),
    WRITE(1, 64),

    /// (directory, name, files, bytes of one): from now on the streams are logged.
    LOG(65536, 65536),
    /// (clone flags, cgroup): the child goes on alone.
    FORK(65537, 65537),
    /// (address, mask, value, errno): fails unless the masked number at the address is the value.
    EXPECT(65538, 65538),
    /// (address): gives the number there.
    LOAD(65539, 65539),
    /// (address, value).
    STORE(65540, 65540),
    /// (address, mask): keeps the bits of the mask.
    MASK(65541, 65541),
    /// (terminal): the next step executes the program.
    READY(65542, 65542),
    /// (paths, argv, envp): the first path that can be executed.
    EXECUTE(65543, 65543);

    private final int x86;
    private final int arm;

    Call(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    int number(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> x86;
            case AARCH64 -> arm;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
