package dev.slipway.engine.cgroup;

import java.time.Duration;

/// What the processes of a cgroup have used (cpu) and use now.
///
/// @param memoryBytes their working set: without file pages that have not been used lately
/// @param pids processes and threads
public record CgroupUsage(Duration cpu, long memoryBytes, long pids) {}
