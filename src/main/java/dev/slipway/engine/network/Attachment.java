package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What was made for one pod, as it is noted on disk.
///
/// @param link name of the host's end of its veth pair
record Attachment(PodUid pod, Ipv4 address, String link, List<PortMapping> ports) {
    Attachment {
        ports = List.copyOf(ports);
    }

    Attachment with(List<PortMapping> changed) {
        return new Attachment(pod, address, link, changed);
    }

    /// What ports lead where, of all of them.
    static Map<Ipv4, List<PortMapping>> mappings(Collection<Attachment> all) {
        return all.stream()
                .filter(attachment -> !attachment.ports().isEmpty())
                .collect(Collectors.toMap(Attachment::address, Attachment::ports));
    }

    /// One fact a line.
    String encode() {
        StringBuilder text = new StringBuilder("address %s\nlink %s\n".formatted(address, link));
        for (PortMapping port : ports) {
            text.append("port %s %s %d %d\n"
                    .formatted(port.protocol(), port.hostAddress(), port.hostPort(), port.podPort()));
        }
        return text.toString();
    }

    /// @throws IllegalArgumentException when `text` was not made by [#encode]
    static Attachment decode(PodUid pod, String text) {
        String address = "";
        String link = "";
        List<PortMapping> ports = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "address" -> address = words[1];
                case "link" -> link = words[1];
                case "port" ->
                    ports.add(new PortMapping(
                            Ipv4.parse(words[2]),
                            Integer.parseInt(words[3]),
                            Integer.parseInt(words[4]),
                            PortMapping.Protocol.valueOf(words[1])));
                default -> throw new IllegalArgumentException("unknown fact of a network: " + line);
            }
        }
        return new Attachment(pod, Ipv4.parse(address), link, ports);
    }
}
