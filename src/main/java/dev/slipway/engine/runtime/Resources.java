package dev.slipway.engine.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What a container may use.
///
/// @param cpuRequestMillis its share when cpus are scarce, in thousandths of one cpu
/// @param cpuLimitMillis never more than that
/// @param memoryLimitBytes beyond it the kernel kills
/// @param pidsLimit processes and threads
/// @param oomScoreAdj -1000 to 1000: who is killed first when the host runs out of memory
/// @param rare what few ask for
public record Resources(
        OptionalLong cpuRequestMillis,
        OptionalLong cpuLimitMillis,
        OptionalLong memoryRequestBytes,
        OptionalLong memoryLimitBytes,
        OptionalLong pidsLimit,
        int oomScoreAdj,
        Rare rare) {
    public static final Resources UNLIMITED = new Resources(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            0);

    public Resources(
            OptionalLong cpuRequestMillis,
            OptionalLong cpuLimitMillis,
            OptionalLong memoryRequestBytes,
            OptionalLong memoryLimitBytes,
            OptionalLong pidsLimit,
            int oomScoreAdj) {
        this(cpuRequestMillis, cpuLimitMillis, memoryRequestBytes, memoryLimitBytes, pidsLimit, oomScoreAdj, Rare.NONE);
    }

    /// @param swapBytes on top of the memory limit; without it none where there is a limit
    /// @param ioWeight share of a busy disk, 1 to 10000; others have 100
    /// @param cpus the only ones to run on, as a list like `0-2,7`
    /// @param hugePages bytes by the size of a page, also in bytes
    /// @param ofProcess what each of its processes may use; of the next attempt, not of one that runs
    public record Rare(
            OptionalLong swapBytes,
            OptionalInt ioWeight,
            Optional<String> cpus,
            Map<Long, Long> hugePages,
            List<OfProcess> ofProcess) {
        public static final Rare NONE =
                new Rare(OptionalLong.empty(), OptionalInt.empty(), Optional.empty(), Map.of(), List.of());

        public Rare {
            hugePages = Map.copyOf(hugePages);
            ofProcess = List.copyOf(ofProcess);
        }

        /// What each process may use of one resource.
        ///
        /// @param resource as getrlimit(2) calls it, without `RLIMIT_`
        /// @param soft and `hard`: -1 for any number
        public record OfProcess(String resource, long soft, long hard) {}
    }
}
