package dev.slipway.engine.launch;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// A capability, by the name that manifests use (without `CAP_`). Its number is its place in this list.
///
/// @spec https://man7.org/linux/man-pages/man7/capabilities.7.html capabilities(7)
public enum Capability {
    CHOWN,
    DAC_OVERRIDE,
    DAC_READ_SEARCH,
    FOWNER,
    FSETID,
    KILL,
    SETGID,
    SETUID,
    SETPCAP,
    LINUX_IMMUTABLE,
    NET_BIND_SERVICE,
    NET_BROADCAST,
    NET_ADMIN,
    NET_RAW,
    IPC_LOCK,
    IPC_OWNER,
    SYS_MODULE,
    SYS_RAWIO,
    SYS_CHROOT,
    SYS_PTRACE,
    SYS_PACCT,
    SYS_ADMIN,
    SYS_BOOT,
    SYS_NICE,
    SYS_RESOURCE,
    SYS_TIME,
    SYS_TTY_CONFIG,
    MKNOD,
    LEASE,
    AUDIT_WRITE,
    AUDIT_CONTROL,
    SETFCAP,
    MAC_OVERRIDE,
    MAC_ADMIN,
    SYSLOG,
    WAKE_ALARM,
    BLOCK_SUSPEND,
    AUDIT_READ,
    PERFMON,
    BPF,
    CHECKPOINT_RESTORE;

    /// What Docker and containerd give a container that asks for nothing.
    public static final Set<Capability> STANDARD = Collections.unmodifiableSet(EnumSet.of(
            CHOWN,
            DAC_OVERRIDE,
            FSETID,
            FOWNER,
            MKNOD,
            NET_RAW,
            SETGID,
            SETUID,
            SETFCAP,
            SETPCAP,
            NET_BIND_SERVICE,
            SYS_CHROOT,
            KILL,
            AUDIT_WRITE));

    /// The kernel's number.
    public int number() {
        return ordinal();
    }

    /// The bit mask of `capabilities`, as capset(2) wants it.
    static long mask(Set<Capability> capabilities) {
        return capabilities.stream().mapToLong(each -> 1L << each.number()).sum();
    }
}
