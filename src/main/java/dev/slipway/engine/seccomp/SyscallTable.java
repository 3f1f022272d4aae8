package dev.slipway.engine.seccomp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/// Every system call that is known, and who may make it. Not changed once read.
final class SyscallTable {
    private static final String RESOURCE = "syscalls.txt";
    private static final Pattern SPACES = Pattern.compile(" +");
    private static final int FIRST_NUMBER = 1;
    private static final int VERDICT = FIRST_NUMBER + Architecture.values().length;
    private static final int NONE = -1;

    private final List<Row> rows;
    private final Map<Architecture, List<Row>> byNumber = new EnumMap<>(Architecture.class);

    private SyscallTable(List<Row> rows) {
        this.rows = rows;
        for (Architecture architecture : Architecture.values()) {
            byNumber.put(
                    architecture,
                    rows.stream()
                            .filter(row -> row.number(architecture) != NONE)
                            .sorted(Comparator.comparingInt(row -> row.number(architecture)))
                            .toList());
        }
    }

    /// Reads the table that is part of the program.
    static SyscallTable read() {
        try (InputStream in = Objects.requireNonNull(SyscallTable.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            return new SyscallTable(lines.lines()
                    .filter(line -> !line.isEmpty() && line.charAt(0) != '#')
                    .map(Row::of)
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The calls that `architecture` has, in the order of their numbers there.
    List<Row> of(Architecture architecture) {
        return byNumber.getOrDefault(architecture, List.of());
    }

    /// In the order of their names.
    List<Row> rows() {
        return rows;
    }

    /// One call.
    ///
    /// @param numbers one for each architecture, in their order
    /// @param unlocking capabilities of which one is enough
    record Row(String name, int[] numbers, Verdict otherwise, List<String> unlocking) {
        static Row of(String line) {
            String[] words = SPACES.split(line);
            return new Row(
                    words[0],
                    Arrays.stream(words, FIRST_NUMBER, VERDICT)
                            .mapToInt(word -> word.equals("-") ? NONE : Integer.parseInt(word))
                            .toArray(),
                    Verdict.of(words[VERDICT]),
                    words.length > VERDICT + 1 ? List.of(words[VERDICT + 1].split(",")) : List.of());
        }

        int number(Architecture architecture) {
            return numbers[architecture.ordinal()];
        }

        /// @param capabilities what the process may get
        Verdict verdict(Set<String> capabilities) {
            return Collections.disjoint(unlocking, capabilities) ? otherwise : Verdict.ALLOWED;
        }
    }
}
