package dev.slipway.engine.network;

import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Interfaces of pods that were detached and are on their way out: the kernel removes them with their namespace, many
/// at
/// once, some 20 milliseconds later, and waiting for that would hold up whoever detaches. An address is free again when
/// its interface is gone. Thread-safe.
final class Departures {
    /// After that a process still holds the namespace, and the interface is removed by itself.
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final AddressPool addresses;
    private final List<Departure> departing = new ArrayList<>();

    Departures(AddressPool addresses) {
        this.addresses = addresses;
    }

    private record Departure(String link, Ipv4 address, long since) {
        boolean isLate() {
            return System.nanoTime() - since > LONGEST.toNanos();
        }
    }

    synchronized void add(Attachment attachment) {
        departing.add(new Departure(attachment.link(), attachment.address(), System.nanoTime()));
    }

    /// Looks who is gone.
    synchronized void settle(NetlinkSocket route) throws IOException {
        if (departing.isEmpty()) {
            return;
        }
        Set<String> there = route.exchange(Links.allLinks()).stream()
                .map(reply -> Links.Link.of(reply).name())
                .collect(Collectors.toSet());
        for (Departure departure : List.copyOf(departing)) {
            if (!there.contains(departure.link())) {
                end(departure);
            } else if (departure.isLate()) {
                Bridge.removeLink(route, departure.link());
                end(departure);
            }
        }
    }

    /// Removes the one that has an address at once, if it is among them.
    synchronized void finish(NetlinkSocket route, Ipv4 address) throws IOException {
        for (Departure departure : List.copyOf(departing)) {
            if (departure.address().equals(address)) {
                Bridge.removeLink(route, departure.link());
                end(departure);
            }
        }
    }

    /// Removes all at once and waits for it.
    synchronized void finish(NetlinkSocket route) throws IOException {
        for (Departure departure : List.copyOf(departing)) {
            Bridge.removeLink(route, departure.link());
            end(departure);
        }
    }

    private void end(Departure departure) {
        addresses.release(departure.address());
        departing.remove(departure);
    }
}
