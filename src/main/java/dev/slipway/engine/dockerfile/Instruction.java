package dev.slipway.engine.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// One instruction with what belongs to it.
///
/// @param place where it begins, for messages
/// @param word in capital letters: `RUN`
/// @param flags the words that begin with `--`, without those
/// @param text the rest, with lines joined
/// @param documents here-documents, in the order of their marks
/// @param escape the letter that takes away the meaning of the next
record Instruction(
        String place, String word, List<String> flags, String text, List<HereDocument> documents, char escape) {
    Instruction {
        flags = List.copyOf(flags);
        documents = List.copyOf(documents);
    }

    /// @param mark as it stands in the text: `<<EOF`
    /// @param expands whether variables in it are filled in
    record HereDocument(String mark, String name, String content, boolean expands) {}

    static Instruction parse(String place, String joined, List<HereDocument> documents, char escape) {
        String[] parts = joined.strip().split("\\s+", 2);
        String rest = parts.length == 1 ? "" : parts[1].strip();
        List<String> flags = new ArrayList<>();
        while (rest.startsWith("--")) {
            String[] flag = rest.split("\\s+", 2);
            flags.add(flag[0].substring(2));
            rest = flag.length == 1 ? "" : flag[1].strip();
        }
        return new Instruction(place, parts[0].toUpperCase(Locale.ROOT), flags, rest, documents, escape);
    }

    /// The value of a flag; empty if it is not there.
    Optional<String> flag(String name) {
        return flags.stream()
                .filter(flag -> flag.startsWith(name + "="))
                .map(flag -> flag.substring(name.length() + 1))
                .findFirst();
    }

    /// Refuses flags other than `known`.
    void allow(Set<String> known) throws MalformedDockerfileException {
        for (String flag : flags) {
            String name = flag.replaceFirst("=.*", "");
            if (!known.contains(name)) {
                throw refused("%s --%s is not supported".formatted(word, name));
            }
        }
    }

    MalformedDockerfileException refused(String what) {
        return new MalformedDockerfileException(place, what);
    }

    /// As people wrote it, on one line.
    String words() {
        StringBuilder words = new StringBuilder(word);
        flags.forEach(flag -> words.append(" --").append(flag));
        return words.append(' ').append(text).toString().strip();
    }
}
