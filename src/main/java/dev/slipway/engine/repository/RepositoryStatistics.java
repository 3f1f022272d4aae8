package dev.slipway.engine.repository;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jboss.logging.Logger;

/// How much there is in some repositories.
///
/// @param bytes of manifests and blobs, each counted once
public record RepositoryStatistics(int repositories, int tags, long bytes) {
    private static final Logger LOG = Logger.getLogger(RepositoryStatistics.class);

    static RepositoryStatistics of(
            Map<Repository, RepositoryContents> all,
            ContentStore content,
            BiPredicate<Repository, RepositoryContents> counts) {
        int tags = 0;
        int count = 0;
        Set<Digest> parts = new HashSet<>();
        for (Map.Entry<Repository, RepositoryContents> each : all.entrySet()) {
            if (counts.test(each.getKey(), each.getValue())) {
                count++;
                tags += each.getValue().tags().size();
                parts.addAll(each.getValue().needs());
            }
        }
        long bytes = 0;
        for (Digest part : parts) {
            try {
                bytes += content.sizeBytes(part).orElse(0);
            } catch (IOException e) {
                LOG.warnf("size of blob not found digest=%s reason=\"%s\"", part, e.getMessage());
            }
        }
        return new RepositoryStatistics(count, tags, bytes);
    }
}
