package dev.slipway.engine.plan;

import dev.slipway.engine.plan.Argument.Value;

/// Numbers of the kernel's headers, the same on every machine that there is a shim for.
final class Constants {
    static final Value NONE = new Value(-1, "none");
    static final Value NULL = new Value(0, "null");
    static final Value CWD = new Value(-100, "cwd");

    static final Value MS_RDONLY = new Value(1, "ro");
    static final Value MS_NOSUID = new Value(2, "nosuid");
    static final Value MS_NODEV = new Value(4, "nodev");
    static final Value MS_NOEXEC = new Value(8, "noexec");
    static final Value MS_REC = new Value(0x4000, "rec");
    static final Value MS_PRIVATE = new Value(1 << 18, "private");
    static final Value MS_SLAVE = new Value(1 << 19, "slave");
    static final Value MNT_DETACH = new Value(2, "detach");

    static final Value OPEN_TREE_CLONE = new Value(1, "clone");
    static final Value OPEN_TREE_CLOEXEC = new Value(02000000, "cloexec");
    static final Value AT_RECURSIVE = new Value(0x8000, "rec");
    static final Value AT_EMPTY_PATH = new Value(0x1000, "itself");
    static final Value MOVE_BY_DESCRIPTORS = new Value(0x04 | 0x40, "itself");

    static final Value CLONE_NEWNS = new Value(0x00020000, "newns");
    static final Value CLONE_NEWCGROUP = new Value(0x02000000, "newcgroup");
    static final Value CLONE_NEWUTS = new Value(0x04000000, "newuts");
    static final Value CLONE_NEWIPC = new Value(0x08000000, "newipc");
    static final Value CLONE_NEWUSER = new Value(0x10000000, "newuser");
    static final Value CLONE_NEWPID = new Value(0x20000000, "newpid");
    static final Value CLONE_NEWNET = new Value(0x40000000, "newnet");

    static final Value FSCONFIG_CMD_CREATE = new Value(6, "create");
    static final Value FSMOUNT_CLOEXEC = new Value(1, "cloexec");
    static final Value MOUNT_ATTR_RDONLY = new Value(1, "ro");
    static final Value MOUNT_ATTR_NOSUID = new Value(2, "nosuid");
    static final Value MOUNT_ATTR_NODEV = new Value(4, "nodev");
    static final Value MOUNT_ATTR_NOEXEC = new Value(8, "noexec");

    static final Value KEYCTL_JOIN_SESSION_KEYRING = new Value(1, "join_session_keyring");
    static final Value PR_SET_PDEATHSIG = new Value(1, "pdeathsig");
    static final Value PR_SET_NAME = new Value(15, "name");
    static final Value PR_SET_KEEPCAPS = new Value(8, "keepcaps");
    static final Value PR_CAPBSET_DROP = new Value(24, "capbset_drop");
    static final Value PR_SET_SECUREBITS = new Value(28, "securebits");
    static final Value SECBIT_NO_SETUID_FIXUP = new Value(4, "no_setuid_fixup");
    static final Value PR_SET_NO_NEW_PRIVS = new Value(38, "no_new_privs");
    static final Value PR_CAP_AMBIENT = new Value(47, "cap_ambient");
    static final Value PR_CAP_AMBIENT_RAISE = new Value(2, "raise");
    static final Value PR_CAP_AMBIENT_CLEAR_ALL = new Value(4, "clear_all");
    static final Value SIGCHLD = new Value(17, "CHLD");
    static final Value SIGKILL = new Value(9, "KILL");
    static final Value SECCOMP_SET_MODE_FILTER = new Value(1, "filter");

    static final Value F_SETFL = new Value(4, "F_SETFL");
    static final Value O_NONBLOCK = new Value(04000, "nonblock");

    static final Value AF_INET = new Value(2, "inet");
    static final Value SOCK_DGRAM = new Value(2 | 02000000, "dgram|cloexec");
    static final Value SIOCSIFFLAGS = new Value(0x8914, "SIOCSIFFLAGS");
    static final Value TIOCSPTLCK = new Value(0x40045431, "TIOCSPTLCK");
    static final Value TIOCGPTPEER = new Value(0x5441, "TIOCGPTPEER");
    static final Value TIOCSCTTY = new Value(0x540e, "TIOCSCTTY");
    static final Value CLOSE_RANGE_CLOEXEC = new Value(4, "cloexec");
    static final Value REMOVE_FILE = new Value(0, "file");

    static final long PROC_SUPER_MAGIC = 0x9fa0;
    static final long SYSFS_MAGIC = 0x62656572;

    private Constants() {}
}
