package dev.slipway.engine.network;

/// A transport protocol whose ports can be mapped, with its number in IP headers.
public enum Protocol {
    TCP(6),
    UDP(17);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
