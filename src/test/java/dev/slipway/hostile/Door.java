package dev.slipway.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// Something that a hostile program tries, and what it shall hear: a row of `doors.txt`.
///
/// @param container the answers that are right in a container with users of its own, apart by `|`
/// @param pod those in one with the host's users
/// @param openIn where it is open: `privileged`, `host`, or `-`; with `?` unless the kernel does not have the thing
/// @param tried for people
record Door(String name, String container, String pod, String openIn, String tried) {
    static final String OPEN = "open";

    static List<Door> all() throws IOException {
        try (InputStream in = Objects.requireNonNull(Door.class.getResourceAsStream("doors.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" +", 5))
                    .map(words -> new Door(words[0], words[1], words[2], words[3], words[4]))
                    .toList();
        }
    }

    /// What a run of the program said: answers by the names of doors.
    static Map<String, String> answers(String output) {
        Map<String, String> answers = new TreeMap<>();
        output.lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 2)
                .forEach(words -> answers.put(words[0], words[1]));
        return answers;
    }

    /// Whether `answer` is one of `right`, which are apart by `|`.
    static boolean isAmong(String answer, String right) {
        return List.of(right.split("\\|")).contains(answer);
    }

    boolean isOpenIn(String place) {
        return openIn.replace("?", "").equals(place);
    }

    /// Whether an answer from where it should be open shows that.
    boolean isShownBy(String answer) {
        return isAmong(answer, openIn.endsWith("?") ? OPEN + "|hidden|ENOSYS|EAFNOSUPPORT" : OPEN);
    }

    @Override
    public String toString() {
        return name + ": " + tried;
    }
}
