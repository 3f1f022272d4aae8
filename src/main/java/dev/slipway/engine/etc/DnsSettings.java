package dev.slipway.engine.etc;

import java.util.List;

/// How a pod resolves names.
///
/// @param servers addresses of name servers, in order of preference
/// @param searches domains to try a short name in
/// @param options as resolv.conf(5) names them, for instance `ndots:5`
public record DnsSettings(List<String> servers, List<String> searches, List<String> options) {
    public static final DnsSettings NONE = new DnsSettings(List.of(), List.of(), List.of());

    public DnsSettings {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }
}
