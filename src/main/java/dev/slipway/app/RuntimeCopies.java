package dev.slipway.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.resolve.Containers;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.door.streams.ContainerFiles;
import dev.slipway.engine.copy.IncomingCopy;
import dev.slipway.engine.copy.MissingFileException;
import dev.slipway.engine.copy.OutgoingCopy;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.HostRuntime;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// Copies files out of the containers that the runtime has, and into them. Of one that does not run the kept layer is
/// there, on those of its image; its volumes are not.
record RuntimeCopies(HostRuntime runtime, Images images) implements ContainerFiles {
    @Override
    public boolean isKept(ApiObject pod, String container) {
        return runtime.kept(name(pod, container)).isPresent();
    }

    @Override
    public Outgoing take(ApiObject pod, String container, String path, String as) throws IOException {
        ContainerRoot root = root(pod, container, false);
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
        try (ContainerRoot root = root(pod, container, true)) {
            IncomingCopy.unpack(root, place.path(), new IncomingCopy.Wishes(place.as(), place.toRoot()), archive);
        } catch (MissingFileException e) {
            throw new MissingPathException(String.valueOf(e.getMessage()), e);
        }
    }

    private ContainerRoot root(ApiObject pod, String container, boolean isToWrite) throws IOException {
        ContainerName name = name(pod, container);
        boolean isAlive = runtime.find(name.pod())
                .flatMap(found -> found.latest(container))
                .map(Attempt::state)
                .filter(state -> state.isAlive())
                .isPresent();
        if (isAlive || !isKept(pod, container)) {
            return runtime.root(name);
        }
        LocalImage image = image(pod, container);
        return runtime.rootAtRest(
                name, new ContainerRequest.AtRest(image.layers(), missing(pod, container, image), isToWrite));
    }

    /// That of the latest run, as its status has it: the runtime may not know any more.
    private LocalImage image(ApiObject pod, String container) throws IOException {
        for (JsonNode status : pod.status().path("containerStatuses")) {
            String id = status.path("imageID").asText();
            if (status.path("name").asText().equals(container) && id.contains("sha256:")) {
                return images.find(new Digest(id.substring(id.indexOf("sha256:"))))
                        .orElseThrow(() -> new IOException("its image is not here: " + id));
            }
        }
        throw new IOException("container \"%s\" was never made".formatted(container));
    }

    /// Where volumes are mounted while it runs.
    private static List<String> missing(ApiObject pod, String container, LocalImage image) {
        List<String> paths = new ArrayList<>();
        for (JsonNode each : pod.spec().path("containers")) {
            if (each.path("name").asText().equals(container)) {
                each.path("volumeMounts").forEach(mount -> paths.add(Containers.path(mount)));
            }
        }
        if (!"Ignore".equals(pod.annotations().get(PodAnnotations.IMAGE_VOLUMES))) {
            paths.addAll(image.config().parameters().volumes());
        }
        return paths;
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
