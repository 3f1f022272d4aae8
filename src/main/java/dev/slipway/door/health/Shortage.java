package dev.slipway.door.health;

/// What is not as declared in an object that does not tell it in conditions.
record Shortage(String reason, String message) {}
