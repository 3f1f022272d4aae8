package dev.slipway.engine.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What a `.dockerignore` leaves out of a context. The last rule that matches a path, or a directory above it, decides;
/// one with `!` brings back. Pure.
///
/// @spec https://docs.docker.com/build/concepts/context/#dockerignore-files Docker: .dockerignore files
public final class IgnoreRules {
    public static final IgnoreRules NONE = new IgnoreRules(List.of());

    private final List<Rule> rules;

    private IgnoreRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    private record Rule(Pattern pattern, boolean brings, String literalStart) {
        /// Whether it speaks of the path or of a directory above it.
        boolean matches(String path) {
            for (String up = path; !up.isEmpty(); up = ImagePath.parent(up)) {
                if (pattern.matcher(up).matches()) {
                    return true;
                }
            }
            return false;
        }
    }

    /// @param text of the file
    /// @throws IllegalArgumentException when a rule is no pattern
    public static IgnoreRules parse(String text) {
        List<Rule> rules = new ArrayList<>();
        for (String line : text.replace("\uFEFF", "").split("\r?\n")) {
            String rule = line.strip();
            if (rule.isEmpty() || line.startsWith("#")) {
                continue;
            }
            boolean brings = rule.startsWith("!");
            String path = String.join("/", ImagePath.names((brings ? rule.substring(1) : rule).strip()));
            if (!path.isEmpty()) {
                rules.add(new Rule(pattern(path), brings, literalStart(path)));
            }
        }
        return new IgnoreRules(rules);
    }

    /// Whether a path is left out.
    public boolean leavesOut(String path) {
        boolean out = false;
        for (Rule rule : rules) {
            if (rule.brings() == out && rule.matches(path)) {
                out = !rule.brings();
            }
        }
        return out;
    }

    /// Whether a rule may bring back something below a directory that is left out.
    boolean mayBringBack(String directory) {
        return rules.stream()
                .anyMatch(rule -> rule.brings()
                        && (rule.literalStart().isEmpty()
                                || rule.literalStart().startsWith(directory + "/")
                                || (directory + "/").startsWith(rule.literalStart())));
    }

    /// The names of a rule before the first that is a pattern.
    private static String literalStart(String path) {
        int pattern = 0;
        while (pattern < path.length() && "*?[\\".indexOf(path.charAt(pattern)) < 0) {
            pattern++;
        }
        return pattern == path.length() ? path : path.substring(0, path.lastIndexOf('/', pattern) + 1);
    }

    private static Pattern pattern(String path) {
        try {
            return Pattern.compile(regex(path), Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("\"%s\" is no pattern: %s".formatted(path, e.getDescription()), e);
        }
    }

    private static String regex(String path) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char letter = path.charAt(i);
            switch (letter) {
                case '*' -> {
                    if (!path.startsWith("**", i)) {
                        regex.append("[^/]*");
                    } else if (i + 2 == path.length()) {
                        regex.append(".*");
                        i++;
                    } else {
                        regex.append("(.*/)?");
                        i += path.startsWith("**/", i) ? 2 : 1;
                    }
                }
                case '?' -> regex.append("[^/]");
                case '[' -> {
                    int end = path.indexOf(']', i + 2);
                    regex.append(end < 0 ? "\\[" : set(path.substring(i + 1, end)));
                    i = end < 0 ? i : end;
                }
                case '\\' -> {
                    i = Math.min(i + 1, path.length() - 1);
                    regex.append(Pattern.quote(path.substring(i, i + 1)));
                }
                default -> regex.append(Pattern.quote(String.valueOf(letter)));
            }
        }
        return regex.toString();
    }

    private static String set(String letters) {
        boolean not = letters.startsWith("^");
        String escaped = (not ? letters.substring(1) : letters).replaceAll("[\\\\\\[\\]&^]", "\\\\$0");
        return (not ? "[^/" : "[") + escaped + "]";
    }
}
