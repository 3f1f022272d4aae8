package dev.slipway.app;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.apiserver.ImageExports;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.SinkStream;
import dev.slipway.engine.archive.ArchiveFormat;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.Comparator;
import java.util.Optional;

/// Hands images out of the store as files.
record StoredImages(Images images, ImageArchives archives) implements ImageExports {
    @Override
    public Optional<Reply.Source> archive(ApiObject object, String format) {
        ArchiveFormat wanted = ArchiveFormat.of(format)
                .filter(each -> each != ArchiveFormat.ROOTFS_TAR)
                .orElseThrow(() -> RefusedException.badRequest("format must be oci-layout or docker-archive"));
        return Digest.parse(object.status().path("digest").asText())
                .flatMap(images::find)
                .map(image -> sink -> archives.write(image, name(image, object), wanted, new SinkStream(sink)));
    }

    private static String name(LocalImage image, ApiObject object) {
        return image.names().stream()
                .map(Reference::toString)
                .min(Comparator.naturalOrder())
                .orElse(object.name() + ":latest");
    }
}
