package dev.slipway.engine.network;

import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;
import java.util.List;

/// How many ports an engine's packet rules lead to pods, as the kernel has them in the calling thread's namespace.
public final class MappedPortCount {
    private MappedPortCount() {}

    /// @param table of the engine, named after its bridge
    public static int of(String table) throws IOException {
        int count = 0;
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            for (String map : List.of(PacketRules.PORTS, PacketRules.ADDRESS_PORTS)) {
                count += PacketElements.elements(netfilter.exchange(PacketElements.elements(table, map)))
                        .size();
            }
        }
        return count;
    }
}
