package dev.slipway.engine.volume;

/// What a volume takes on its file system.
public record VolumeUsage(long bytes, long files) {}
