package dev.slipway.engine.user;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/// Who has which range. Thread-safe.
///
/// Free ranges begin at 2^30, above what distributions and directories give to people, and end below 1,879,048,192,
/// where systemd's own begin to have other uses. Who asks for a range by number may have any besides; several pods may
/// have the same, and can then be the same users.
///
/// @spec https://systemd.io/UIDS-GIDS/ Users, Groups, UIDs and GIDs on systemd Systems
/// @spec https://man7.org/linux/man-pages/man5/subuid.5.html subuid(5)
public final class IdRanges implements AutoCloseable {
    /// Ids of one range, unless more are asked for.
    public static final int SIZE = 1 << 16;

    private static final Logger LOG = Logger.getLogger(IdRanges.class);
    private static final int FIRST = 1 << 30;
    private static final int END = 0x70000000;

    private final List<Span> foreign;
    private final Claims claims;
    /// Free ranges alone.
    private final Map<PodUid, IdRange> taken = new HashMap<>();
    /// Given away before anybody has asked.
    private final List<IdRange> reserved = new ArrayList<>();

    /// How many of those have some of each block of the free ranges: with thousands of pods, nobody looks at each.
    private final int[] owners = new int[(END - FIRST) / SIZE];

    private int next = FIRST;

    /// Ids of somebody else.
    record Span(long first, long count) {}

    /// What other engines of the host have is not given away.
    interface Claims extends AutoCloseable {
        /// @return false when somebody else has some of it; then this engine has what it had before
        boolean claim(IdRange range) throws IOException;

        void release(IdRange range);

        /// Releases all that this engine had, but for what is kept; nothing where it cannot tell what it had.
        void retain(Collection<IdRange> kept);

        /// What is claimed stays so.
        @Override
        void close();
    }

    IdRanges(List<Span> foreign, Claims claims) {
        this.foreign = List.copyOf(foreign);
        this.claims = claims;
    }

    /// Keeps off what the host has given to people, and what its other engines have.
    ///
    /// @param engine the run directory of this one, which names it to the others; is there
    public static IdRanges ofHost(Path engine) throws IOException {
        HostClaims claims = HostClaims.of(engine);
        claims.open();
        return besides(claims, Path.of("/etc/subuid"), Path.of("/etc/subgid"));
    }

    /// Pods keep theirs.
    @Override
    public void close() {
        claims.close();
    }

    /// @param tables in the form of subuid(5); those that are missing give nothing away
    static IdRanges besides(Claims claims, Path... tables) throws IOException {
        List<Span> spans = new ArrayList<>();
        for (Path table : tables) {
            if (Files.exists(table)) {
                Files.readAllLines(table).forEach(line -> add(line, spans));
            }
        }
        return new IdRanges(spans, claims);
    }

    /// A free range that is the pod's until [#release]; the same one when it has one of that size.
    ///
    /// @throws IOException when there is none
    synchronized IdRange take(PodUid pod, int size) throws IOException {
        IdRange known = taken.get(pod);
        if (known != null && known.size() == size) {
            return known;
        }
        IdRange range = free(size);
        release(pod);
        put(pod, range);
        return range;
    }

    /// Gives a pod the very range that it asks for.
    ///
    /// @throws IllegalArgumentException when it is not one to ask for; the message is for the user
    synchronized IdRange take(PodUid pod, IdRange wanted) {
        if (isOfFreeRanges(wanted)) {
            throw new IllegalArgumentException("ids %s cannot be asked for: %d-%d are given to pods that ask for none"
                    .formatted(wanted, FIRST, END - 1));
        }
        release(pod);
        return wanted;
    }

    /// A free range for whoever comes, until it is [#hand]ed over or [#giveBack].
    synchronized IdRange reserve() throws IOException {
        IdRange range = free(SIZE);
        reserved.add(range);
        count(range, 1);
        return range;
    }

    /// Makes a reserved range the pod's; what it had is free.
    synchronized void hand(IdRange range, PodUid pod) {
        release(pod);
        unreserve(range);
        put(pod, range);
    }

    synchronized void giveBack(IdRange range) {
        unreserve(range);
        claims.release(range);
    }

    private void unreserve(IdRange range) {
        if (reserved.remove(range)) {
            count(range, -1);
        }
    }

    private void put(PodUid pod, IdRange range) {
        IdRange before = taken.put(pod, range);
        if (before != null) {
            count(before, -1);
        }
        count(range, 1);
    }

    /// Notes what this engine gave before it was started again.
    synchronized void adopt(PodUid pod, IdRange range) {
        if (isOfFreeRanges(range)) {
            put(pod, range);
            range.blocks(SIZE).forEach(block -> adoptBlock(pod, block));
        }
    }

    /// Of a range that another engine has some of, the pod's engine claims the rest.
    private void adoptBlock(PodUid pod, IdRange block) {
        try {
            if (!claims.claim(block)) {
                LOG.warnf("another engine has given the same user ids away pod=%s ids=%s", pod, block);
            }
        } catch (IOException e) {
            // The pod has them all the same, and its engine has to start.
            LOG.warnf("user ids cannot be claimed pod=%s ids=%s reason=%s", pod, block, e.getMessage());
        }
    }

    /// Gives back what an engine before this one had reserved, or given to pods that are gone: all others are
    /// adopted.
    synchronized void settle() {
        List<IdRange> kept = new ArrayList<>(taken.values());
        kept.addAll(reserved);
        claims.retain(kept);
    }

    /// Gives back all that this engine has: it leaves the host.
    public synchronized void dismantle() {
        claims.retain(List.of());
    }

    synchronized void release(PodUid pod) {
        IdRange range = taken.remove(pod);
        if (range != null) {
            count(range, -1);
            claims.release(range);
        }
    }

    private IdRange free(int size) throws IOException {
        int blocks = Math.ceilDiv(size, SIZE);
        for (int tries = 0; tries < (END - FIRST) / SIZE && size <= END - FIRST; tries++) {
            if (size > END - next) {
                next = FIRST;
            }
            IdRange candidate = new IdRange(next, size);
            boolean isFree = isFree(candidate) && claims.claim(candidate);
            next += isFree ? blocks * SIZE : SIZE;
            if (isFree) {
                return candidate;
            }
        }
        throw new IOException("every range of %d user ids is taken".formatted(size));
    }

    private boolean isFree(IdRange candidate) {
        return blocks(candidate).allMatch(block -> owners[block] == 0)
                && foreign.stream().noneMatch(span -> candidate.overlaps(span.first(), span.count()));
    }

    private void count(IdRange range, int more) {
        blocks(range).forEach(block -> owners[block] += more);
    }

    /// What ranges of an engine before this one have outside the free ranges does not count.
    private IntStream blocks(IdRange range) {
        int first = Math.max(range.first(), FIRST);
        long last = Math.min((long) range.first() + range.size(), END) - 1;
        return IntStream.rangeClosed((first - FIRST) / SIZE, (int) ((last - FIRST) / SIZE));
    }

    private static boolean isOfFreeRanges(IdRange range) {
        return range.overlaps(FIRST, END - FIRST);
    }

    /// `name:first:count`; other lines say nothing, as for newuidmap(1).
    private static void add(String line, List<Span> spans) {
        String[] fields = line.strip().split(":");
        if (fields.length == 3 && fields[1].matches("\\d{1,10}") && fields[2].matches("\\d{1,10}")) {
            spans.add(new Span(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        }
    }
}
