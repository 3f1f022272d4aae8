package dev.slipway.door.progress;

import java.util.List;

/// The objects of a directory at one moment.
///
/// @param isRead whether the directory has been read and applied
record Overview(boolean isRead, List<Row> rows) {
    Overview {
        rows = List.copyOf(rows);
    }

    /// How the directory stands as a whole.
    enum Standing {
        CONVERGED,
        /// Something is not as declared, and nothing is moving any more.
        STALLED,
        MOVING
    }

    Standing standing() {
        if (!isRead || count(Row.Mark.BUSY) > 0) {
            return Standing.MOVING;
        }
        return count(Row.Mark.FAILED) > 0 ? Standing.STALLED : Standing.CONVERGED;
    }

    long declared() {
        return rows.stream().filter(row -> row.subject().isDeclared()).count();
    }

    /// How many declared objects have that mark.
    long count(Row.Mark mark) {
        return rows.stream()
                .filter(row -> row.subject().isDeclared() && row.mark() == mark)
                .count();
    }
}
