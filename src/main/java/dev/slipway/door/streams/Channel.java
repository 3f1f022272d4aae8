package dev.slipway.door.streams;

/// Names of the channels in a message's first byte.
final class Channel {
    static final int STDIN = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;

    /// One `Status` at the end.
    static final int STATUS = 3;

    /// The terminal's size: `{"Width": 80, "Height": 24}`.
    static final int RESIZE = 4;

    /// One byte: the channel that the sender has closed.
    static final int CLOSE = 255;

    private Channel() {}
}
