package dev.slipway.engine.network;

import dev.slipway.engine.linux.NetlinkSocket;
import java.io.IOException;

/// How many interfaces the calling thread's namespace has.
public final class InterfaceCount {
    private InterfaceCount() {}

    public static int of() throws IOException {
        try (NetlinkSocket route = NetlinkSocket.route()) {
            return route.exchange(Links.allLinks()).size();
        }
    }
}
