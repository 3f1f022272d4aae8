package dev.slipway.actor.resolve;

/// What pods may ask about this host.
///
/// @param name of its Node
/// @param address under which others reach it
/// @param cpuMillis what it has, in thousandths of one cpu
/// @param memoryBytes what it has
/// @param storageBytes what the file system of containers has
public record Host(String name, String address, long cpuMillis, long memoryBytes, long storageBytes) {}
