package dev.slipway.engine.user;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who has which range. Thread-safe.
///
/// Ranges begin at 2^30, above what distributions and directories give to people, and end below 1,879,048,192, where
/// systemd's own begin to have other uses.
///
/// @spec https://systemd.io/UIDS-GIDS/ Users, Groups, UIDs and GIDs on systemd Systems
/// @spec https://man7.org/linux/man-pages/man5/subuid.5.html subuid(5)
public final class IdRanges {
    /// Ids of one range.
    public static final int SIZE = 1 << 16;

    private static final int FIRST = 1 << 30;
    private static final int END = 0x70000000;

    private final List<Span> foreign;
    private final Map<PodUid, Integer> taken = new HashMap<>();
    private int next = FIRST;

    /// Ids of somebody else.
    record Span(long first, long count) {
        boolean overlaps(long begin) {
            return first < begin + SIZE && begin < first + count;
        }
    }

    IdRanges(List<Span> foreign) {
        this.foreign = List.copyOf(foreign);
    }

    /// Keeps off what the host has given away.
    ///
    /// @param tables in the form of subuid(5); those that are missing give nothing away
    public static IdRanges besides(Path... tables) throws IOException {
        List<Span> spans = new ArrayList<>();
        for (Path table : tables) {
            if (Files.exists(table)) {
                Files.readAllLines(table).forEach(line -> add(line, spans));
            }
        }
        return new IdRanges(spans);
    }

    /// The first id of a range that is the pod's until [#release]; the same one when it has one.
    ///
    /// @throws IOException when all are taken
    synchronized int take(PodUid pod) throws IOException {
        Integer known = taken.get(pod);
        if (known != null) {
            return known;
        }
        for (int tries = 0; tries < (END - FIRST) / SIZE; tries++) {
            int candidate = next;
            next = next + SIZE >= END ? FIRST : next + SIZE;
            if (!taken.containsValue(candidate) && foreign.stream().noneMatch(span -> span.overlaps(candidate))) {
                taken.put(pod, candidate);
                return candidate;
            }
        }
        throw new IOException("every range of user ids is taken");
    }

    /// Notes what an earlier engine gave.
    synchronized void adopt(PodUid pod, int first) {
        taken.put(pod, first);
    }

    synchronized void release(PodUid pod) {
        taken.remove(pod);
    }

    /// `name:first:count`; other lines say nothing, as for newuidmap(1).
    private static void add(String line, List<Span> spans) {
        String[] fields = line.strip().split(":");
        if (fields.length == 3 && fields[1].matches("\\d{1,10}") && fields[2].matches("\\d{1,10}")) {
            spans.add(new Span(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        }
    }
}
