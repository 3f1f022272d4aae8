package dev.slipway.engine.volume;

/// Who sees to it that a volume takes no more than its capacity.
public enum Enforcement {
    /// The file system: a write beyond it fails at once.
    PROJECT_QUOTA,
    /// Nobody: it is measured now and then.
    WATCH
}
