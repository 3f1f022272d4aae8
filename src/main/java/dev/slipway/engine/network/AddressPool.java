package dev.slipway.engine.network;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// The addresses of one subnet and which of them are taken. Goes round: an address that was given back is the last to
/// be
/// given again, so that what the network still remembers of its former owner is forgotten by then. Thread-safe.
final class AddressPool {
    private static final long FIRST = 2;

    private final Subnet subnet;
    private final Set<Ipv4> taken = new HashSet<>();
    private long next = FIRST;

    /// The base, the gateway and the broadcast address are never given.
    AddressPool(Subnet subnet) {
        this.subnet = subnet;
    }

    synchronized Ipv4 take() throws IOException {
        for (long tried = 0; tried < subnet.size(); tried++) {
            Ipv4 candidate = subnet.base().plus(next);
            next = next + 1 == subnet.size() + FIRST ? FIRST : next + 1;
            if (taken.add(candidate)) {
                return candidate;
            }
        }
        throw new IOException("take an address of %s: all %d are in use".formatted(subnet, subnet.size()));
    }

    /// Marks an address as taken by a pod of an earlier engine, and goes on behind it.
    synchronized void claim(Ipv4 address) {
        taken.add(address);
        long offset = Integer.toUnsignedLong(address.bits())
                - Integer.toUnsignedLong(subnet.base().bits());
        if (subnet.contains(address) && offset >= next && offset + 1 < subnet.size() + FIRST) {
            next = offset + 1;
        }
    }

    synchronized void release(Ipv4 address) {
        taken.remove(address);
    }
}
