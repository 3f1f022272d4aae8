package dev.slipway.desired.kind.slipway;

import java.util.List;
import java.util.regex.Pattern;

/// The grammars of image names, each with what is wrong with a text.
///
/// @spec https://github.com/distribution/reference/blob/main/reference.go reference grammar
final class ImageNames {
    private static final String HOST_TEXT =
            "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
                    + "|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?";
    private static final String PART_TEXT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    /// The first part of a name is a host only if it looks like one.
    private static final String PATH_TEXT =
            "(?:(?=[^/]*[.:\\[]|localhost/)" + HOST_TEXT + "/)?" + PART_TEXT + "(?:/" + PART_TEXT + ")*";
    private static final String TAG_TEXT = "[\\w][\\w.-]{0,127}";
    private static final String DIGEST_TEXT = "(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})";

    private static final Pattern HOST = Pattern.compile(HOST_TEXT);
    private static final Pattern REPOSITORY = Pattern.compile(PATH_TEXT);
    private static final Pattern TAG = Pattern.compile(TAG_TEXT);
    private static final Pattern DIGEST = Pattern.compile(DIGEST_TEXT);
    private static final Pattern REFERENCE =
            Pattern.compile(PATH_TEXT + "(?::" + TAG_TEXT + ")?(?:@" + DIGEST_TEXT + ")?");
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_REFERENCE = LONGEST_NAME + ":".length() + 128 + "@sha512:".length() + 128;

    private ImageNames() {}

    /// Faults of a name like `docker.io/library/debian:12`.
    static List<String> reference(String text) {
        return faults(
                text.length() <= LONGEST_REFERENCE && REFERENCE.matcher(text).matches(),
                "must be an image reference in lower case: [<host>[:<port>]/]<repository>[:<tag>][@<digest>]");
    }

    /// Faults of a name like `acme/web`.
    static List<String> repository(String text) {
        return faults(
                text.length() <= LONGEST_NAME && REPOSITORY.matcher(text).matches(),
                "must be a repository in lower case: [<host>[:<port>]/]<name>[/<name>...]");
    }

    /// Faults of a tag.
    static List<String> tag(String text) {
        return faults(TAG.matcher(text).matches(), "must match " + TAG_TEXT);
    }

    /// Faults of a digest.
    static List<String> digest(String text) {
        return faults(DIGEST.matcher(text).matches(), "must be sha256:<64 hex digits>");
    }

    /// Faults of a registry's host.
    static List<String> host(String text) {
        return faults(HOST.matcher(text).matches(), "must be a host as in image references, for instance hub.lan:5000");
    }

    private static List<String> faults(boolean isRight, String rule) {
        return isRight ? List.of() : List.of(rule);
    }
}
