package dev.slipway.door.streams;

import dev.slipway.desired.meta.ApiObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Files of containers that run or whose writable layer is kept, as tar archives. The API server asks; whoever runs the
// containers answers.
public interface ContainerFiles {
    /// A file or tree on its way out of a container.
    interface Outgoing extends AutoCloseable {
        void writeTo(OutputStream archive) throws IOException;

        @Override
        void close();
    }

    /// Whether there is something to copy from and to although the container does not run.
    boolean isKept(ApiObject pod, String container);

    /// Finds what is at a path.
    ///
    /// @param as the first name in the archive; empty for the last of the path
    /// @throws MissingPathException when nothing is
    /// @throws IOException when the container has no files now; the message is for the user
    Outgoing take(ApiObject pod, String container, String path, String as) throws IOException;

    /// Unpacks an archive in a directory of the container.
    ///
    /// @throws MissingPathException when there is no such directory
    /// @throws IOException when the container has no files now, or the archive cannot be unpacked there; the
    ///     message is for the user
    void put(ApiObject pod, String container, Place place, InputStream archive) throws IOException;

    /// Where an archive is unpacked, and how.
    ///
    /// @param path of a directory
    /// @param as takes the place of the first of each entry's names; empty for none
    /// @param toRoot all belong to the container's root, whatever the archive says
    record Place(String path, String as, boolean toRoot) {}

    /// The container has nothing at a path.
    final class MissingPathException extends IOException {
        private static final long serialVersionUID = 1L;

        public MissingPathException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
