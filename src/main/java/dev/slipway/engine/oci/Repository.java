package dev.slipway.engine.oci;

import java.util.regex.Pattern;

/// A set of tags in a registry: `docker.io/library/ubuntu`, `localhost:5000/team/app/web`. How many parts the path has,
/// and whether the first is a user, is up to the registry.
///
/// @param host with `:port` where one was written; `docker.io` for Docker Hub
/// @param path one or more parts, lower case
/// @spec https://github.com/distribution/reference/blob/main/reference.go Grammar of references
public record Repository(String host, String path) implements Comparable<Repository> {
    public static final String DOCKER_HUB = "docker.io";
    static final String LIBRARY = "library/";
    private static final int LONGEST_NAME = 255;
    private static final Pattern HOST = Pattern.compile(
            "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+])"
                    + "(?::[0-9]{1,5})?");
    private static final Pattern PATH =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");

    public Repository {
        if (!isHost(host)) {
            throw new IllegalArgumentException("not a registry host: " + host);
        }
        if (!isPath(path) || host.length() + 1 + path.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("not a repository path: " + path);
        }
    }

    /// What people write: `ubuntu`, `jwilder/nginx-proxy`, `localhost:5000/web`.
    public String familiar() {
        if (!host.equals(DOCKER_HUB)) {
            return toString();
        }
        boolean official = path.startsWith(LIBRARY) && path.indexOf('/', LIBRARY.length()) < 0;
        return official ? path.substring(LIBRARY.length()) : path;
    }

    @Override
    public int compareTo(Repository other) {
        return toString().compareTo(other.toString());
    }

    /// The full name, host first.
    @Override
    public String toString() {
        return host + "/" + path;
    }

    static boolean isHost(String text) {
        return HOST.matcher(text).matches();
    }

    /// Whether `text` can be the path of a repository.
    public static boolean isPath(String text) {
        return PATH.matcher(text).matches();
    }

    static boolean isTooLong(String host, String path) {
        return host.length() + 1 + path.length() > LONGEST_NAME;
    }
}
