package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.IntStream;
import jnr.ffi.Pointer;

/// A loaded eBPF program that decides about devices. The cgroups that it was attached to keep it, also when this is
/// closed and the process has ended; it goes with them.
///
/// @spec https://man7.org/linux/man-pages/man2/bpf.2.html bpf(2)
public final class DeviceProgram implements AutoCloseable {
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_ATTACH = 8;
    private static final int BPF_OBJ_GET_INFO_BY_FD = 15;
    private static final int BPF_PROG_QUERY = 16;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private static final int BPF_CGROUP_DEVICE = 6;
    /// What was attached above, and what will be below, is asked as well.
    private static final int BPF_F_ALLOW_MULTI = 2;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int LOAD_BYTES = 64;
    private static final int ATTACH_BYTES = 16;
    private static final int NAME_BYTES = 16;
    private static final int QUERY_BYTES = 32;
    /// As much of `struct bpf_prog_info` as says the id.
    private static final int INFO_BYTES = 8;
    /// The kernel allows no more in one cgroup.
    private static final int MOST_ATTACHED = 64;
    private static final String LICENSE = "Apache-2.0";

    private final Fd fd;

    private DeviceProgram(Fd fd) {
        this.fd = fd;
    }

    /// Has the kernel verify and translate a program of type `BPF_PROG_TYPE_CGROUP_DEVICE`.
    ///
    /// @param name for who lists the host's programs: letters, digits, `_` and `.`, at most 15
    /// @param instructions an array of `struct bpf_insn`
    public static DeviceProgram load(String name, byte[] instructions) throws LinuxException {
        if (!name.matches("[a-zA-Z0-9_.]{1,%d}".formatted(NAME_BYTES - 1))) {
            throw new IllegalArgumentException("not a name of a program: " + name);
        }
        Pointer program = Syscalls.string(instructions);
        Pointer license = Syscalls.string(LICENSE);
        Pointer attributes = Syscalls.buffer(LOAD_BYTES);
        attributes.putInt(0, BPF_PROG_TYPE_CGROUP_DEVICE);
        attributes.putInt(4, instructions.length / INSTRUCTION_BYTES);
        attributes.putLong(8, program.address());
        attributes.putLong(16, license.address());
        attributes.putString(48, name, NAME_BYTES, StandardCharsets.US_ASCII);
        long number = Syscalls.call(
                SyscallNumber.BPF, "load program " + name, BPF_PROG_LOAD, attributes.address(), LOAD_BYTES);
        Reference.reachabilityFence(program);
        Reference.reachabilityFence(license);
        Reference.reachabilityFence(attributes);
        return new DeviceProgram(new Fd((int) number));
    }

    /// Asks the program, from now on, about each device that a process in `cgroup`, or below it, wants to open or
    /// make. Nothing happens if it is attached there already.
    ///
    /// @param cgroup directory of version 2
    public void attach(Path cgroup) throws LinuxException {
        Pointer attributes = Syscalls.buffer(ATTACH_BYTES);
        try (Fd directory = Fd.open(cgroup, 0)) {
            attributes.putInt(0, directory.number());
            attributes.putInt(4, fd.number());
            attributes.putInt(8, BPF_CGROUP_DEVICE);
            attributes.putInt(12, BPF_F_ALLOW_MULTI);
            long result = Syscalls.tryCall(SyscallNumber.BPF, BPF_PROG_ATTACH, attributes.address(), ATTACH_BYTES);
            Reference.reachabilityFence(attributes);
            // EINVAL is what the second time is answered with, and not only that.
            boolean mayBeThere = result == -Errno.EINVAL.number();
            if (result < 0 && !(mayBeThere && isAttached(directory))) {
                throw new LinuxException((int) -result, "bpf", "attach a device program to " + cgroup);
            }
        }
    }

    /// Whether the program is attached to this very cgroup.
    public boolean isAttached(Path cgroup) throws LinuxException {
        try (Fd directory = Fd.open(cgroup, 0)) {
            return isAttached(directory);
        }
    }

    private boolean isAttached(Fd cgroup) throws LinuxException {
        Pointer ids = Syscalls.buffer(MOST_ATTACHED * Integer.BYTES);
        Pointer attributes = Syscalls.buffer(QUERY_BYTES);
        attributes.putInt(0, cgroup.number());
        attributes.putInt(4, BPF_CGROUP_DEVICE);
        attributes.putLong(16, ids.address());
        attributes.putInt(24, MOST_ATTACHED);
        Syscalls.call(
                SyscallNumber.BPF,
                "list device programs of a cgroup",
                BPF_PROG_QUERY,
                attributes.address(),
                QUERY_BYTES);
        int own = id();
        int count = attributes.getInt(24);
        boolean isThere = IntStream.range(0, count).anyMatch(each -> ids.getInt((long) each * Integer.BYTES) == own);
        Reference.reachabilityFence(attributes);
        Reference.reachabilityFence(ids);
        return isThere;
    }

    /// By which the kernel names it to all.
    private int id() throws LinuxException {
        Pointer info = Syscalls.buffer(INFO_BYTES);
        Pointer attributes = Syscalls.buffer(ATTACH_BYTES);
        attributes.putInt(0, fd.number());
        attributes.putInt(4, INFO_BYTES);
        attributes.putLong(8, info.address());
        Syscalls.call(
                SyscallNumber.BPF,
                "ask for a program's id",
                BPF_OBJ_GET_INFO_BY_FD,
                attributes.address(),
                ATTACH_BYTES);
        int id = info.getInt(4);
        Reference.reachabilityFence(attributes);
        Reference.reachabilityFence(info);
        return id;
    }

    @Override
    public void close() {
        fd.close();
    }
}
