package dev.slipway.engine.etc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// `/etc/resolv.conf`: read from the host, written for pods. Pure.
///
/// @spec https://man7.org/linux/man-pages/man5/resolv.conf.5.html resolv.conf(5)
/// @spec https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ Kubernetes: DNS for Services and Pods
public final class ResolvConf {
    private static final int MOST_SERVERS = 3;
    private static final int MOST_SEARCHES = 32;

    private ResolvConf() {}

    /// What a `resolv.conf` says. Lines of no known form are passed over, as the C library does.
    public static DnsSettings parse(String text) {
        List<String> servers = new ArrayList<>();
        List<String> searches = new ArrayList<>();
        List<String> options = new ArrayList<>();
        for (String line : text.lines().toList()) {
            List<String> words = Arrays.asList(line.strip().split("\\s+"));
            List<String> values = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> values.stream().findFirst().ifPresent(servers::add);
                // The last one counts.
                case "search", "domain" -> {
                    searches.clear();
                    searches.addAll(values);
                }
                case "options" -> options.addAll(values);
                default -> {}
            }
        }
        return new DnsSettings(servers, searches, options);
    }

    /// The host's settings as far as they work in another network namespace: servers on the host's loopback do not.
    public static DnsSettings withoutLoopback(DnsSettings host) {
        return new DnsSettings(
                host.servers().stream()
                        .filter(server -> !server.startsWith("127.") && !server.equals("::1"))
                        .toList(),
                host.searches(),
                host.options());
    }

    /// `first`, then what `second` adds: servers and searches without repetition, options of `second` replacing those
    /// of
    /// the same name.
    public static DnsSettings merge(DnsSettings first, DnsSettings second) {
        Map<String, String> options = new LinkedHashMap<>();
        first.options().forEach(option -> options.put(name(option), option));
        second.options().forEach(option -> options.put(name(option), option));
        return new DnsSettings(
                union(first.servers(), second.servers()),
                union(first.searches(), second.searches()),
                List.copyOf(options.values()));
    }

    /// The file, with at most three servers and 32 search domains, which is what C libraries read.
    public static String render(DnsSettings settings) {
        StringBuilder text = new StringBuilder();
        settings.servers().stream()
                .limit(MOST_SERVERS)
                .forEach(server -> text.append("nameserver ").append(server).append('\n'));
        append(text, "search", settings.searches().stream().limit(MOST_SEARCHES).toList());
        append(text, "options", settings.options());
        return text.toString();
    }

    private static void append(StringBuilder text, String word, List<String> values) {
        if (!values.isEmpty()) {
            text.append(word).append(' ').append(String.join(" ", values)).append('\n');
        }
    }

    private static List<String> union(List<String> first, List<String> second) {
        LinkedHashSet<String> union = new LinkedHashSet<>(first);
        union.addAll(second);
        return List.copyOf(union);
    }

    private static String name(String option) {
        int colon = option.indexOf(':');
        return colon < 0 ? option : option.substring(0, colon);
    }
}
