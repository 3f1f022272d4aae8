package dev.slipway.engine.runtime;

import java.util.OptionalLong;

/// What a container may use.
///
/// @param cpuRequestMillis its share when cpus are scarce, in thousandths of one cpu
/// @param cpuLimitMillis never more than that
/// @param memoryLimitBytes beyond it the kernel kills
/// @param pidsLimit processes and threads
/// @param oomScoreAdj -1000 to 1000: who is killed first when the host runs out of memory
public record Resources(
        OptionalLong cpuRequestMillis,
        OptionalLong cpuLimitMillis,
        OptionalLong memoryRequestBytes,
        OptionalLong memoryLimitBytes,
        OptionalLong pidsLimit,
        int oomScoreAdj) {
    public static final Resources UNLIMITED = new Resources(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            0);
}
