package dev.slipway.actor.probe;

import java.util.List;

/// One question to a container.
public sealed interface Check {
    /// Does this command succeed in it?
    record Exec(List<String> command) implements Check {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /// Does it answer with a status from 200 to 399?
    ///
    /// @param host empty for the pod's address
    record HttpGet(boolean tls, String host, int port, String path, List<Header> headers) implements Check {
        public HttpGet {
            headers = List.copyOf(headers);
        }
    }

    record Header(String name, String value) {}

    /// Does it accept a connection?
    ///
    /// @param host empty for the pod's address
    record TcpSocket(String host, int port) implements Check {}

    /// Does it say `SERVING`?
    ///
    /// @param service empty for the server as a whole
    record Grpc(int port, String service) implements Check {}

    /// None; only hooks ask nothing.
    record Sleep(long seconds) implements Check {}

    /// A question that cannot be asked, and why.
    record Impossible(String message) implements Check {}
}
