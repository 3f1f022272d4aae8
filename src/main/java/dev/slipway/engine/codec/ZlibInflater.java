package dev.slipway.engine.codec;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Inflates by the JDK's zlib.
final class ZlibInflater implements StreamInflater {
    private final Inflater inflater = new Inflater(true);

    @Override
    public void reset() {
        inflater.reset();
    }

    @Override
    public void input(byte[] bytes, int offset, int length) {
        inflater.setInput(bytes, offset, length);
    }

    @Override
    public int inflate(byte[] bytes, int offset, int length) throws DataFormatException {
        return inflater.inflate(bytes, offset, length);
    }

    @Override
    public boolean isAtEnd() {
        return inflater.finished();
    }

    @Override
    public int unread() {
        return inflater.getRemaining();
    }

    @Override
    public void close() {
        inflater.end();
    }
}
