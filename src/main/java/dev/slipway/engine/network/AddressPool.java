package dev.slipway.engine.network;

import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The addresses of one subnet and which of them are taken. Goes round: an address that was given back is the last to
/// be
/// given again, so that what the network still remembers of its former owner is forgotten by then. Those that somebody
/// asks for by themselves are given to nobody else while there are others. Thread-safe.
final class AddressPool {
    private static final long FIRST = 2;

    private final Subnet subnet;
    private final Set<Ipv4> taken = new HashSet<>();
    private final Set<Ipv4> reserved = new HashSet<>();
    private long next = FIRST;

    /// The base, the gateway and the broadcast address are never given.
    AddressPool(Subnet subnet) {
        this.subnet = subnet;
    }

    synchronized Ipv4 take() throws IOException {
        return next(reserved)
                .or(() -> next(Set.of()))
                .orElseThrow(() ->
                        new IOException("take an address of %s: all %d are in use".formatted(subnet, subnet.size())));
    }

    private Optional<Ipv4> next(Set<Ipv4> except) {
        for (long tried = 0; tried < subnet.size(); tried++) {
            Ipv4 candidate = subnet.base().plus(next);
            next = next + 1 == subnet.size() + FIRST ? FIRST : next + 1;
            if (!except.contains(candidate) && taken.add(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /// Keeps an address, which somebody may have, for who asks for it by itself.
    synchronized void reserve(Ipv4 address) {
        reserved.add(address);
    }

    synchronized boolean isReserved(Ipv4 address) {
        return reserved.contains(address);
    }

    /// @return whether it was free, and is the caller's now
    synchronized boolean takeFree(Ipv4 address) {
        return taken.add(address);
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
