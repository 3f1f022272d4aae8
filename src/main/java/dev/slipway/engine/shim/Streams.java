package dev.slipway.engine.shim;

/// Which streams of a container a client wants.
public record Streams(boolean stdin, boolean stdout, boolean stderr) {}
