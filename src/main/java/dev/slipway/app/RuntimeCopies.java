package dev.slipway.app;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.streams.ContainerFiles;
import dev.slipway.engine.copy.IncomingCopy;
import dev.slipway.engine.copy.MissingFileException;
import dev.slipway.engine.copy.OutgoingCopy;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.HostRuntime;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Copies files out of the containers that the runtime has, and into them.
record RuntimeCopies(HostRuntime runtime) implements ContainerFiles {
    @Override
    public Outgoing take(ApiObject pod, String container, String path, String as) throws IOException {
        ContainerRoot root = runtime.root(name(pod, container));
        boolean isFound = false;
        try {
            OutgoingCopy copy = OutgoingCopy.of(root, path, as);
            isFound = true;
            return new Copying(root, copy);
        } catch (MissingFileException e) {
            throw new MissingPathException(String.valueOf(e.getMessage()), e);
        } finally {
            if (!isFound) {
                root.close();
            }
        }
    }

    @Override
    public void put(ApiObject pod, String container, Place place, InputStream archive) throws IOException {
        try (ContainerRoot root = runtime.root(name(pod, container))) {
            IncomingCopy.unpack(root, place.path(), new IncomingCopy.Wishes(place.as(), place.toRoot()), archive);
        } catch (MissingFileException e) {
            throw new MissingPathException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ContainerName name(ApiObject pod, String container) {
        return new ContainerName(new PodUid(pod.uid()), container);
    }

    private record Copying(ContainerRoot root, OutgoingCopy copy) implements Outgoing {
        @Override
        public void writeTo(OutputStream archive) throws IOException {
            copy.writeTo(archive);
        }

        @Override
        public void close() {
            copy.close();
            root.close();
        }
    }
}
