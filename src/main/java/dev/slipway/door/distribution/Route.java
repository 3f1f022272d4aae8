package dev.slipway.door.distribution;

import dev.slipway.engine.oci.Repository;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a path asks for. Pure.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints OCI Distribution Spec:
///     Endpoints
sealed interface Route {
    /// Whether the protocol is spoken here.
    record Base() implements Route {}

    /// A bearer token.
    record Token() implements Route {}

    record Catalog() implements Route {}

    /// What is about one repository.
    sealed interface InRepository extends Route {
        /// Path of the repository.
        String name();
    }

    record Tags(String name) implements InRepository {}

    /// @param target a tag or a digest
    record ManifestOf(String name, String target) implements InRepository {}

    record Referrers(String name, String digest) implements InRepository {}

    record Blob(String name, String digest) implements InRepository {}

    record Uploads(String name) implements InRepository {}

    record Upload(String name, String id) implements InRepository {}

    /// @param path decoded, from its first slash on
    /// @return empty for a path of another protocol
    /// @throws RefusedException for a repository that no name can be of
    static Optional<Route> of(String path) {
        if (path.equals("/token")) {
            return Optional.of(new Token());
        }
        if (path.equals("/v2") || path.equals("/v2/")) {
            return Optional.of(new Base());
        }
        if (path.equals("/v2/_catalog")) {
            return Optional.of(new Catalog());
        }
        return path.startsWith("/v2/")
                ? inRepository(Arrays.asList(path.substring("/v2/".length()).split("/", -1)))
                : Optional.empty();
    }

    private static Optional<Route> inRepository(List<String> parts) {
        int count = parts.size();
        if (count < 3) {
            return Optional.empty();
        }
        String last = parts.getLast();
        String middle = parts.get(count - 2);
        String third = count < 4 ? "" : parts.get(count - 3);
        if (third.equals("blobs") && middle.equals("uploads")) {
            String name = name(parts, count - 3);
            return Optional.of(last.isEmpty() ? new Uploads(name) : new Upload(name, last));
        }
        return switch (middle) {
            case "tags" -> last.equals("list") ? Optional.of(new Tags(name(parts, count - 2))) : Optional.empty();
            case "manifests" -> Optional.of(new ManifestOf(name(parts, count - 2), last));
            case "referrers" -> Optional.of(new Referrers(name(parts, count - 2), last));
            case "blobs" ->
                Optional.of(
                        last.equals("uploads")
                                ? new Uploads(name(parts, count - 2))
                                : new Blob(name(parts, count - 2), last));
            default -> Optional.empty();
        };
    }

    private static String name(List<String> parts, int end) {
        String name = String.join("/", parts.subList(0, end));
        if (!Repository.isPath(name) || name.length() > LONGEST_NAME) {
            throw new RefusedException(400, ErrorCode.NAME_INVALID, "not the name of a repository: " + name);
        }
        return name;
    }

    /// What leaves room for a host within the 255 characters of a full name.
    int LONGEST_NAME = 200;
}
