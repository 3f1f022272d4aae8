package dev.slipway.engine.network;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An IPv4 address.
///
/// @param bits in host order: 127.0.0.1 is 0x7f000001
public record Ipv4(int bits) implements Comparable<Ipv4> {
    public static final Ipv4 ANY = new Ipv4(0);

    private static final Pattern GRAMMAR = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final int LARGEST_PART = 255;

    /// Reads dotted decimals.
    ///
    /// @throws IllegalArgumentException when the text is not of that form
    public static Ipv4 parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not an IPv4 address: " + text);
        }
        int bits = 0;
        for (int part = 1; part <= 4; part++) {
            int value = Integer.parseInt(matcher.group(part));
            if (value > LARGEST_PART) {
                throw new IllegalArgumentException("not an IPv4 address: " + text);
            }
            bits = bits << 8 | value;
        }
        return new Ipv4(bits);
    }

    /// The four bytes as they travel.
    byte[] bytes() {
        return new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
    }

    static Ipv4 of(byte[] bytes) {
        return new Ipv4((bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | bytes[3] & 0xff);
    }

    Ipv4 plus(long offset) {
        return new Ipv4((int) (bits + offset));
    }

    @Override
    public int compareTo(Ipv4 other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return "%d.%d.%d.%d".formatted(bits >>> 24, bits >> 16 & 0xff, bits >> 8 & 0xff, bits & 0xff);
    }
}
