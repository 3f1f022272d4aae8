package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Repository;
import java.util.Comparator;
import java.util.Locale;

/// Which repositories a key of a Docker configuration is for: `ghcr.io`, `*.example.com`, `registry.lan:5000/team`,
/// `https://index.docker.io/v1/`. A `*` stands for one part of the host, or a piece of one; a path is a prefix by whole
/// parts; a pattern without port is for every port.
///
/// Ordered by exactness: those without `*` first, then the longest.
public record RepositoryPattern(String host, String path) implements Comparable<RepositoryPattern> {
    private static final Comparator<RepositoryPattern> ORDER = Comparator.comparing(
                    (RepositoryPattern pattern) -> pattern.host.contains("*"))
            .thenComparing(pattern -> -pattern.toString().length())
            .thenComparing(RepositoryPattern::toString);

    /// Reads a key of `auths`.
    public static RepositoryPattern parse(String key) {
        String bare = key.replaceFirst("(?i)^https?://", "");
        int slash = bare.indexOf('/');
        String host = (slash < 0 ? bare : bare.substring(0, slash)).toLowerCase(Locale.ROOT);
        String path = slash < 0 ? "" : bare.substring(slash + 1).replaceFirst("/+$", "");
        boolean hub = host.equals("index.docker.io") || host.equals("registry-1.docker.io");
        boolean version = path.equals("v1") || path.equals("v2");
        return new RepositoryPattern(hub ? Repository.DOCKER_HUB : host, version ? "" : path);
    }

    public boolean matches(Repository repository) {
        return hostMatches(repository.host().toLowerCase(Locale.ROOT)) && pathMatches(repository.path());
    }

    @Override
    public int compareTo(RepositoryPattern other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return path.isEmpty() ? host : host + "/" + path;
    }

    private boolean pathMatches(String repositoryPath) {
        return path.isEmpty() || repositoryPath.equals(path) || repositoryPath.startsWith(path + "/");
    }

    private boolean hostMatches(String repositoryHost) {
        String[] wanted = parts(host);
        String[] found = parts(repositoryHost);
        boolean portFits = port(host).isEmpty() || port(host).equals(port(repositoryHost));
        if (wanted.length != found.length || !portFits) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (!partMatches(wanted[i], found[i])) {
                return false;
            }
        }
        return true;
    }

    /// `*` matches any run of characters inside one part.
    private static boolean partMatches(String pattern, String part) {
        String[] pieces = pattern.split("\\*", -1);
        if (pieces.length == 1) {
            return pattern.equals(part);
        }
        int at = pieces[0].length();
        if (!part.startsWith(pieces[0])) {
            return false;
        }
        for (int i = 1; i < pieces.length - 1; i++) {
            int next = part.indexOf(pieces[i], at);
            if (next < 0) {
                return false;
            }
            at = next + pieces[i].length();
        }
        String last = pieces[pieces.length - 1];
        return part.length() - last.length() >= at && part.endsWith(last);
    }

    private static String[] parts(String host) {
        String port = port(host);
        return (port.isEmpty() ? host : host.substring(0, host.length() - port.length() - 1)).split("\\.", -1);
    }

    private static String port(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.indexOf(']', colon) >= 0 ? "" : host.substring(colon + 1);
    }
}
