package dev.slipway.engine.etc;

import java.util.List;

/// `/etc/hosts` of a pod. Pure.
///
/// @spec https://man7.org/linux/man-pages/man5/hosts.5.html hosts(5)
/// @spec https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/ Kubernetes: Adding entries to Pod
///     /etc/hosts with HostAliases
public final class HostsFile {
    private static final String LOOPBACK = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff00::0\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private HostsFile() {}

    /// One line of aliases.
    public record Alias(String address, List<String> names) {
        public Alias {
            names = List.copyOf(names);
        }
    }

    /// The file of a pod with an address of its own.
    public static String render(String address, List<String> ownNames, List<Alias> aliases) {
        StringBuilder text = new StringBuilder("# Managed by Slipway.\n").append(LOOPBACK);
        append(text, new Alias(address, ownNames));
        return appendAliases(text, aliases);
    }

    /// The file of a pod in the host's network: the host's own, then the aliases.
    public static String renderForHost(String hostFile, List<Alias> aliases) {
        StringBuilder text = new StringBuilder("# Managed by Slipway.\n").append(hostFile);
        if (!hostFile.isEmpty() && !hostFile.endsWith("\n")) {
            text.append('\n');
        }
        return appendAliases(text, aliases);
    }

    private static String appendAliases(StringBuilder text, List<Alias> aliases) {
        if (!aliases.isEmpty()) {
            text.append("\n# Entries added by HostAliases.\n");
            aliases.forEach(alias -> append(text, alias));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Alias alias) {
        text.append(alias.address())
                .append('\t')
                .append(String.join("\t", alias.names()))
                .append('\n');
    }
}
