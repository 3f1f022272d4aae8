package dev.slipway.engine.network;

/// An IPv4 network.
///
/// @param base its lowest address
/// @param prefix how many leading bits its addresses have in common
public record Subnet(Ipv4 base, int prefix) {
    private static final int ADDRESS_BITS = 32;

    public Subnet {
        if (prefix < 0 || prefix > ADDRESS_BITS) {
            throw new IllegalArgumentException("prefix is not of 0 to 32: " + prefix);
        }
        base = new Ipv4(base.bits() & mask(prefix));
    }

    /// Reads CIDR notation, for instance `10.88.0.0/16`.
    ///
    /// @throws IllegalArgumentException when the text is not of that form
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,2}")) {
            throw new IllegalArgumentException("not a network in CIDR notation: " + text);
        }
        return new Subnet(Ipv4.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    public boolean contains(Ipv4 address) {
        return (address.bits() & mask(prefix)) == base.bits();
    }

    boolean overlaps(Subnet other) {
        return prefix <= other.prefix ? contains(other.base) : other.contains(base);
    }

    /// What the bridge has, and pods use as their gateway: the first address after the base.
    Ipv4 gateway() {
        return base.plus(1);
    }

    /// The highest address, which reaches all of the network.
    Ipv4 broadcast() {
        return new Ipv4(base.bits() | ~mask(prefix));
    }

    Ipv4 firstForPods() {
        return base.plus(2);
    }

    Ipv4 lastForPods() {
        return base.plus(size() + 1);
    }

    /// Whether a pod can have it: it is neither the gateway's nor that of all.
    boolean isForPods(Ipv4 address) {
        return address.compareTo(firstForPods()) >= 0 && address.compareTo(lastForPods()) <= 0;
    }

    /// How many addresses pods can have.
    long size() {
        return (1L << (ADDRESS_BITS - prefix)) - 3;
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (ADDRESS_BITS - prefix);
    }

    @Override
    public String toString() {
        return base + "/" + prefix;
    }
}
