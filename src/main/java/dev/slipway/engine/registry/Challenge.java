package dev.slipway.engine.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a registry wants to see before it answers.
///
/// @param scheme `bearer` or `basic`
/// @spec https://distribution.github.io/distribution/spec/auth/token/ Token Authentication
record Challenge(String scheme, Map<String, String> parameters) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern SCHEME =
            Pattern.compile("(?:^|,)\\s*(" + TOKEN + ")(?:\\s+(?=" + TOKEN + "\\s*=)|\\s*$)");
    private static final Pattern PARAMETER =
            Pattern.compile("\\G\\s*,?\\s*(" + TOKEN + ")\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

    /// The first challenge in the `WWW-Authenticate` headers that this client can answer, bearer before basic.
    static Optional<Challenge> parse(List<String> headers) {
        Optional<Challenge> basic = Optional.empty();
        for (String header : headers) {
            Matcher scheme = SCHEME.matcher(header);
            for (int at = 0; scheme.find(at); at = scheme.end()) {
                String name = scheme.group(1).toLowerCase(Locale.ROOT);
                Challenge challenge = new Challenge(name, parameters(header, scheme.end()));
                if (name.equals("bearer") && challenge.parameters.containsKey("realm")) {
                    return Optional.of(challenge);
                }
                if (name.equals("basic")) {
                    basic = Optional.of(challenge);
                }
                if (scheme.end() >= header.length()) {
                    break;
                }
            }
        }
        return basic;
    }

    boolean isBearer() {
        return scheme.equals("bearer");
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static Map<String, String> parameters(String header, int start) {
        Map<String, String> found = new LinkedHashMap<>();
        Matcher parameter = PARAMETER.matcher(header);
        int at = start;
        while (parameter.find(at)) {
            String quoted = parameter.group(2);
            String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
            found.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
            at = parameter.end();
        }
        return found;
    }
}
