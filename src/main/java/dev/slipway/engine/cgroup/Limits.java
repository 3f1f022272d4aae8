package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What the processes of one cgroup may use together. An absent value is no limit.
///
/// @param pids processes and threads
/// @param ioWeight share of a busy disk, 1 to 10000; others have 100
/// @param hugePages bytes by the size of a page, also in bytes
public record Limits(Cpu cpu, Memory memory, OptionalLong pids, OptionalInt ioWeight, Map<Long, Long> hugePages) {
    public static final Limits NONE = new Limits(Cpu.NONE, Memory.NONE, OptionalLong.empty());

    /// Without a word on disks and huge pages.
    public Limits(Cpu cpu, Memory memory, OptionalLong pids) {
        this(cpu, memory, pids, OptionalInt.empty(), Map.of());
    }

    /// With another limit of processes where this has none.
    Limits orPids(OptionalLong usual) {
        return pids.isPresent() ? this : new Limits(cpu, memory, usual, ioWeight, hugePages);
    }

    public Limits {
        hugePages = Map.copyOf(hugePages);
        if (ioWeight.isPresent() && (ioWeight.getAsInt() < 1 || ioWeight.getAsInt() > 10_000)) {
            throw new IllegalArgumentException("weight of io is not between 1 and 10000: " + ioWeight.getAsInt());
        }
        if (pids.isPresent() && pids.getAsLong() < 1) {
            throw new IllegalArgumentException("limit of processes is below 1: " + pids.getAsLong());
        }
    }

    /// @param requestMillis share when cpus are scarce, in thousandths of one cpu; who asks for nothing has the
    ///     least
    /// @param limitMillis never more than that, in thousandths of one cpu
    /// @param cpus the only ones to run on, as a list like `0-2,7`; empty for all
    public record Cpu(OptionalLong requestMillis, OptionalLong limitMillis, Optional<String> cpus) {
        public static final Cpu NONE = new Cpu(OptionalLong.empty(), OptionalLong.empty(), Optional.empty());

        static final long PERIOD_MICROS = 100_000;
        private static final long LEAST_QUOTA_MICROS = 1_000;
        static final long SHARES_PER_CPU = 1024;
        static final long LEAST_SHARES = 2;
        static final long MOST_SHARES = 262_144;
        static final long LEAST_WEIGHT = 1;
        static final long MOST_WEIGHT = 10_000;

        public Cpu {
            requireNotNegative(requestMillis, "cpu request");
            requireNotNegative(limitMillis, "cpu limit");
        }

        /// The request as version 1 counts it; without one the least that there is.
        ///
        /// @spec https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ Kubernetes:
        ///     Resource Management for Pods and Containers
        long shares() {
            return Math.clamp(requestMillis.orElse(0) * SHARES_PER_CPU / 1000, LEAST_SHARES, MOST_SHARES);
        }

        /// The request as version 2 counts it: 2 to 262144 shares become a weight of 1 to 10000.
        ///
        /// @spec https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2254-cgroup-v2 KEP-2254:
        ///     cgroup v2
        long weight() {
            return LEAST_WEIGHT
                    + (shares() - LEAST_SHARES) * (MOST_WEIGHT - LEAST_WEIGHT) / (MOST_SHARES - LEAST_SHARES);
        }

        /// The limit as time to run in each period of [#PERIOD_MICROS].
        OptionalLong quotaMicros() {
            return limitMillis.isEmpty()
                    ? limitMillis
                    : OptionalLong.of(Math.max(LEAST_QUOTA_MICROS, limitMillis.getAsLong() * PERIOD_MICROS / 1000));
        }
    }

    /// @param requestBytes what others cannot have the kernel reclaim while something else is left to reclaim; only
    ///     version 2 keeps it. Beside that a request decides, through `oom_score_adj`, who is killed first when the
    ///     host runs out
    /// @param limitBytes beyond it the kernel reclaims, and kills when nothing is left to reclaim
    /// @param swapBytes on top of `limitBytes`; where there is a limit and this is absent, none
    public record Memory(OptionalLong requestBytes, OptionalLong limitBytes, OptionalLong swapBytes) {
        public static final Memory NONE = new Memory(OptionalLong.empty(), OptionalLong.empty());

        /// Without a request.
        public Memory(OptionalLong limitBytes, OptionalLong swapBytes) {
            this(OptionalLong.empty(), limitBytes, swapBytes);
        }

        public Memory {
            requireNotNegative(requestBytes, "memory request");
            requireNotNegative(limitBytes, "memory limit");
            requireNotNegative(swapBytes, "swap limit");
        }

        /// A limit below what is in use makes version 2 kill, and version 1 refuse with words that say nothing.
        ///
        /// @param usage of a cgroup that is to get this limit; empty if there is none yet
        /// @throws IOException when more is in use, always in the same words
        void requireRoomFor(Optional<CgroupUsage> usage) throws IOException {
            if (limitBytes.isPresent()
                    && usage.isPresent()
                    && usage.get().memoryBytes() > limitBytes.getAsLong() + swapBytes.orElse(0)) {
                throw new IOException("limit memory to %d bytes: more is in use, and it would be killed for that"
                        .formatted(limitBytes.getAsLong()));
            }
        }
    }

    private static void requireNotNegative(OptionalLong value, String what) {
        if (value.isPresent() && value.getAsLong() < 0) {
            throw new IllegalArgumentException(what + " is negative: " + value.getAsLong());
        }
    }
}
