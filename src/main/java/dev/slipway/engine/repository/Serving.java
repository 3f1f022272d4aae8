package dev.slipway.engine.repository;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How a registry is served on this host.
///
/// @param host what its repositories are called by, as in references
/// @param address where it listens
/// @param tls PEM of certificate and key; empty to speak plain HTTP, which only loopback may
/// @param users who may show a password; passwords are never printed
/// @param allowPush globs of repositories that take anything
/// @param pullThrough hosts of registries that are asked for what is not here
/// @param showsGuarded whether who shows no password sees images of this host that came with credentials
public record Serving(
        String host,
        String address,
        int port,
        Tls tls,
        Access access,
        List<User> users,
        List<String> allowPush,
        boolean deleteEnabled,
        Set<String> pullThrough,
        boolean showsGuarded) {
    public Serving {
        users = List.copyOf(users);
        allowPush = List.copyOf(allowPush);
        pullThrough = Set.copyOf(pullThrough);
    }

    /// Who may read.
    public enum Access {
        /// Everybody.
        ANONYMOUS,
        /// Users.
        TOKEN
    }

    public record Tls(String certificatePem, String keyPem) {
        public static final Tls NONE = new Tls("", "");

        @Override
        public String toString() {
            return "Tls[hidden]";
        }
    }

    /// @param allowPull globs of repositories
    /// @param allowPush globs of repositories, within those that the registry takes at all
    public record User(String name, String password, List<String> allowPull, List<String> allowPush) {
        public User {
            allowPull = List.copyOf(allowPull);
            allowPush = List.copyOf(allowPush);
        }

        @Override
        public String toString() {
            return "User[" + name + "]";
        }
    }

    /// Whether one of `globs` matches the path of a repository. A `*` stands for any characters, slashes too.
    public static boolean matches(List<String> globs, String path) {
        return globs.stream().anyMatch(glob -> pattern(glob).matcher(path).matches());
    }

    private static Pattern pattern(String glob) {
        return Pattern.compile(
                List.of(glob.split("\\*", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*")));
    }
}
