package dev.slipway.engine.cgroup;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// Which files say a limit, in which order, in either version's form. Pure.
final class LimitPlanner {
    static final int USUAL_WEIGHT = 100;
    private static final int MOST_BFQ_WEIGHT = 1000;

    private LimitPlanner() {}

    /// One write of a control file.
    ///
    /// @param value empty to have the parent's again
    /// @param required false where kernels without swap accounting lack the file
    record Setting(String file, String value, boolean required) {
        Setting(String file, String value) {
            this(file, value, true);
        }

        boolean inherited() {
            return value.isEmpty();
        }
    }

    /// The controllers without which `limits` cannot be kept.
    static Set<Controller> controllers(Limits limits) {
        EnumSet<Controller> needed = EnumSet.noneOf(Controller.class);
        if (limits.cpu().requestMillis().isPresent()
                || limits.cpu().limitMillis().isPresent()) {
            needed.add(Controller.CPU);
        }
        if (limits.cpu().cpus().isPresent()) {
            needed.add(Controller.CPUSET);
        }
        if (limits.memory().limitBytes().isPresent()
                || limits.memory().swapBytes().isPresent()) {
            needed.add(Controller.MEMORY);
        }
        if (limits.pids().isPresent()) {
            needed.add(Controller.PIDS);
        }
        if (limits.ioWeight().isPresent()) {
            needed.add(Controller.IO);
        }
        if (!limits.hugePages().isEmpty()) {
            needed.add(Controller.HUGETLB);
        }
        return needed;
    }

    /// Everything that `controller` has to be told; absent limits are written as none, so that an update can lift
    /// them.
    static List<Setting> settings(Controller controller, boolean unified, Limits limits) {
        return switch (controller) {
            case CPU -> unified ? cpu(limits.cpu()) : classicCpu(limits.cpu());
            case MEMORY -> unified ? memory(limits.memory()) : classicMemory(limits.memory());
            case PIDS -> List.of(new Setting("pids.max", orMax(limits.pids())));
            case CPUSET ->
                List.of(new Setting("cpuset.cpus", limits.cpu().cpus().orElse("")));
            case IO -> io(unified, limits.ioWeight().orElse(USUAL_WEIGHT));
            case HUGETLB -> hugePages(unified, limits.hugePages());
            case CPUACCT, FREEZER, DEVICES -> List.of();
        };
    }

    /// The file depends on who schedules the disk's requests, and may not be there at all.
    private static List<Setting> io(boolean unified, int weight) {
        String bfq = Integer.toString(Math.min(weight, MOST_BFQ_WEIGHT));
        return unified
                ? List.of(
                        new Setting("io.weight", "default " + weight, false), new Setting("io.bfq.weight", bfq, false))
                : List.of(new Setting("blkio.weight", bfq, false), new Setting("blkio.bfq.weight", bfq, false));
    }

    private static List<Setting> hugePages(boolean unified, Map<Long, Long> limits) {
        return new TreeMap<>(limits)
                .entrySet().stream()
                        .map(limit -> new Setting(
                                "hugetlb.%s.%s".formatted(pageSize(limit.getKey()), unified ? "max" : "limit_in_bytes"),
                                Long.toString(limit.getValue())))
                        .toList();
    }

    /// As the kernel names it: `2MB`.
    private static String pageSize(long bytes) {
        if (bytes >= 1 << 30) {
            return (bytes >> 30) + "GB";
        }
        return bytes >= 1 << 20 ? (bytes >> 20) + "MB" : (bytes >> 10) + "KB";
    }

    private static List<Setting> cpu(Limits.Cpu cpu) {
        return List.of(
                new Setting("cpu.weight", Long.toString(cpu.weight())),
                new Setting("cpu.max", orMax(cpu.quotaMicros()) + " " + Limits.Cpu.PERIOD_MICROS));
    }

    private static List<Setting> classicCpu(Limits.Cpu cpu) {
        return List.of(
                new Setting("cpu.shares", Long.toString(cpu.shares())),
                new Setting("cpu.cfs_period_us", Long.toString(Limits.Cpu.PERIOD_MICROS)),
                new Setting("cpu.cfs_quota_us", Long.toString(cpu.quotaMicros().orElse(-1))));
    }

    private static List<Setting> memory(Limits.Memory memory) {
        boolean limited = memory.limitBytes().isPresent();
        OptionalLong swap = limited ? OptionalLong.of(memory.swapBytes().orElse(0)) : memory.swapBytes();
        return List.of(
                new Setting("memory.low", Long.toString(memory.requestBytes().orElse(0)), false),
                new Setting("memory.max", orMax(memory.limitBytes())),
                new Setting("memory.swap.max", orMax(swap), false),
                // As Kubernetes does: a container that has lost one process to the limit is killed whole.
                new Setting("memory.oom.group", limited ? "1" : "0", false));
    }

    /// The limit of memory and swap together must never be below that of memory, so it is lifted while that
    /// changes.
    private static List<Setting> classicMemory(Limits.Memory memory) {
        OptionalLong limit = memory.limitBytes();
        long both = limit.isPresent() ? limit.getAsLong() + memory.swapBytes().orElse(0) : -1;
        return List.of(
                new Setting("memory.memsw.limit_in_bytes", "-1", false),
                new Setting("memory.limit_in_bytes", Long.toString(limit.orElse(-1))),
                new Setting("memory.memsw.limit_in_bytes", Long.toString(both), false));
    }

    private static String orMax(OptionalLong value) {
        return value.isPresent() ? Long.toString(value.getAsLong()) : "max";
    }
}
