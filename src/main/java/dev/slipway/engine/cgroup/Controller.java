package dev.slipway.engine.cgroup;

import java.util.Arrays;
import java.util.Optional;

/// A resource that cgroups account for or limit, by the kernel's name.
///
/// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html cgroups, version 2
/// @spec https://docs.kernel.org/admin-guide/cgroup-v1/index.html cgroups, version 1
public enum Controller {
    CPU("cpu"),
    /// Version 1 only: version 2 accounts for cpu time without a controller.
    CPUACCT("cpuacct"),
    CPUSET("cpuset"),
    MEMORY("memory"),
    PIDS("pids"),
    /// Version 1 calls it `blkio`.
    IO("io"),
    HUGETLB("hugetlb"),
    /// Version 1 only: every cgroup of version 2 can be frozen.
    FREEZER("freezer"),
    /// Version 1 only: version 2 has programs for it.
    DEVICES("devices");

    private final String word;

    Controller(String word) {
        this.word = word;
    }

    /// As mount options and `cgroup.controllers` spell it.
    public String word() {
        return word;
    }

    static Optional<Controller> of(String word) {
        String known = word.equals("blkio") ? IO.word : word;
        return Arrays.stream(values())
                .filter(controller -> controller.word.equals(known))
                .findFirst();
    }

    @Override
    public String toString() {
        return word;
    }
}
