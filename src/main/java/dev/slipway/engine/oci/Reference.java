package dev.slipway.engine.oci;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of an image as people write it, made whole: `ubuntu` is `docker.io/library/ubuntu:latest`.
///
/// - No host means Docker Hub, and there a name of one part is an official image in `library/`. The first part is a
///   host
///   if it has a dot, a colon or a capital, or is `localhost`.
/// - No tag and no digest means the tag `latest`. Where a digest stands it decides, and the tag is a remark.
///
/// @param tag empty where only a digest was written
/// @param digest the exact content, or null
/// @spec https://github.com/distribution/reference/blob/main/reference.go Grammar of references
public record Reference(
        Repository repository, String tag, @Nullable Digest digest) implements Comparable<Reference> {
    private static final String LATEST = "latest";
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern BARE_HASH = Pattern.compile("[a-f0-9]{64}");

    public Reference {
        Objects.requireNonNull(repository);
        if (tag.isEmpty() ? digest == null : !TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException("not a tag: \"" + tag + "\"");
        }
    }

    /// The image that `text` names.
    public static Reference parse(String text) throws InvalidReferenceException {
        int at = text.indexOf('@');
        Digest digest = at < 0 ? null : digest(text, text.substring(at + 1));
        String name = at < 0 ? text : text.substring(0, at);
        int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
        String tag = colon < 0 ? "" : name.substring(colon + 1);
        if (colon >= 0 && !TAG.matcher(tag).matches()) {
            throw new InvalidReferenceException(text, "\"" + tag + "\" is not a tag");
        }
        Repository repository = repository(text, colon < 0 ? name : name.substring(0, colon));
        return new Reference(repository, tag.isEmpty() && digest == null ? LATEST : tag, digest);
    }

    /// Whether `text` can be a tag.
    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    /// This name bound to exact content.
    public Reference pinned(Digest content) {
        return new Reference(repository, tag, content);
    }

    /// The digest that was written, if one was.
    public Optional<Digest> pin() {
        return Optional.ofNullable(digest);
    }

    /// What to ask a registry for: the digest if there is one, else the tag.
    public String target() {
        return digest == null ? tag : digest.value();
    }

    /// The short form that means the same: `ubuntu:latest`, `jwilder/nginx-proxy:1.0`.
    public String familiar() {
        return repository.familiar() + suffix();
    }

    @Override
    public int compareTo(Reference other) {
        return toString().compareTo(other.toString());
    }

    /// The full form: `docker.io/library/ubuntu:latest`.
    @Override
    public String toString() {
        return repository + suffix();
    }

    private String suffix() {
        return (tag.isEmpty() ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    private static Digest digest(String text, String digest) throws InvalidReferenceException {
        return Digest.parse(digest)
                .orElseThrow(() -> new InvalidReferenceException(text, "\"" + digest + "\" is not a digest"));
    }

    private static Repository repository(String text, String name) throws InvalidReferenceException {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasHost = isHost(first);
        String host = hasHost && !first.equals("index.docker.io") ? first : Repository.DOCKER_HUB;
        String path = hasHost ? name.substring(slash + 1) : name;
        check(text, host, path);
        if (!hasHost && BARE_HASH.matcher(path).matches()) {
            throw new InvalidReferenceException(text, "64 hex digits are a digest without sha256:, not a name");
        }
        boolean official = host.equals(Repository.DOCKER_HUB) && path.indexOf('/') < 0;
        return new Repository(host, official ? Repository.LIBRARY + path : path);
    }

    private static void check(String text, String host, String path) throws InvalidReferenceException {
        if (!Repository.isHost(host)) {
            throw new InvalidReferenceException(text, "\"" + host + "\" is not a registry host");
        }
        if (path.isEmpty()) {
            throw new InvalidReferenceException(text, "the repository is missing");
        }
        if (!Repository.isPath(path)) {
            boolean capitals = Repository.isPath(path.toLowerCase(Locale.ROOT));
            throw new InvalidReferenceException(
                    text, capitals ? "repositories are lower case" : "\"" + path + "\" is not a repository path");
        }
        if (Repository.isTooLong(host, Repository.LIBRARY + path)) {
            throw new InvalidReferenceException(text, "the name is longer than 255 characters");
        }
    }

    private static boolean isHost(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
    }
}
