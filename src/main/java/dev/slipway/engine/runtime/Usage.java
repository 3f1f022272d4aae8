package dev.slipway.engine.runtime;

import java.time.Duration;

/// What a container has used (cpu) and uses now (memory, processes).
public record Usage(Duration cpu, long memoryBytes, long pids) {}
