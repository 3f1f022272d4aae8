package dev.slipway.engine.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// How one name of a path can stand for several. Pure.
public enum Wildcards {
    /// `*` stands for any letters and `?` for one, but at the start not for a dot. All else is itself, because a host
    /// has files such as `/usr/bin/[`.
    SHELL("*?") {
        @Override
        Pattern compile(String name) {
            boolean mayHide = name.startsWith("*") || name.startsWith("?");
            List<String> parts = new ArrayList<>();
            for (String part : name.split("\\*", -1)) {
                parts.add("\\Q" + part.replace("?", "\\E.\\Q") + "\\E");
            }
            parts.set(0, (mayHide ? "(?!\\.)" : "") + parts.getFirst());
            return joined(parts);
        }
    },

    /// What `COPY` and `ADD` of a Dockerfile know: `*` stands for any letters and `?` for one, a leading dot too;
    /// `[a-c]` for one of these and `[^a-c]` for one of no others; a backslash takes the meaning from what follows.
    ///
    /// @spec https://pkg.go.dev/path/filepath#Match Go: filepath.Match
    GO("*?[\\") {
        @Override
        Pattern compile(String name) {
            return new GoPattern(name).compile();
        }
    };

    private final String letters;

    Wildcards(String letters) {
        this.letters = letters;
    }

    /// Whether a path, or a name, stands for those that it matches.
    public boolean isPattern(String path) {
        return path.chars().anyMatch(letter -> letters.indexOf(letter) >= 0);
    }

    /// What `name` stands for, which has no slash.
    ///
    /// @throws IllegalArgumentException when it is no pattern; the message is for people
    public Predicate<String> matching(String name) {
        return compile(name).asMatchPredicate();
    }

    abstract Pattern compile(String name);

    /// Expressions with any letters between them. Each but the last one is taken where it comes first, and never
    /// looked for elsewhere: as all have a length of their own, no other place could help, and a name costs no more
    /// than its length times that of the pattern.
    static Pattern joined(List<String> parts) {
        StringBuilder whole = new StringBuilder(parts.getFirst());
        for (int i = 1; i < parts.size(); i++) {
            boolean isLast = i == parts.size() - 1;
            whole.append(isLast ? ".*" + parts.get(i) : "(?>.*?" + parts.get(i) + ")");
        }
        return Pattern.compile(whole.toString(), Pattern.DOTALL);
    }
}
