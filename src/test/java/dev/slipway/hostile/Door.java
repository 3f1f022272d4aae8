package dev.slipway.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// Something that a hostile program tries, and what it shall hear: a row of `doors.txt`.
///
/// @param container the answers that are right in a container with users of its own, apart by `|`
/// @param pod those in one with the host's users
/// @param openIn where it is open: `privileged`, `host`, or `-`; with `?` unless the kernel does not have the thing
/// @param tried for people
public record Door(String name, String container, String pod, String openIn, String tried) {
    public static final String OPEN = "open";

    public static List<Door> all() throws IOException {
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
    public static Map<String, String> answers(String output) {
        Map<String, String> answers = new TreeMap<>();
        output.lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 2)
                .forEach(words -> answers.put(words[0], words[1]));
        return answers;
    }

    /// The doors with other answers than those of a column, and doors that nobody knows.
    public static Set<String> wrong(Map<String, String> answers, List<Door> doors, Function<Door, String> column) {
        Map<String, String> others = new TreeMap<>(answers);
        doors.forEach(door -> others.computeIfPresent(
                door.name(), (name, answer) -> isAmong(answer, column.apply(door)) ? null : answer));
        Set<String> wrong = new TreeSet<>(doors.stream().map(Door::name).toList());
        wrong.removeAll(answers.keySet());
        others.forEach((name, answer) -> wrong.add(name + " " + answer));
        return wrong;
    }

    /// Whether `answer` is one of `right`, which are apart by `|`.
    private static boolean isAmong(String answer, String right) {
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
