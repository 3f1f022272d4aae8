package dev.slipway.app;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.apiserver.ImageExports;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.Sink;
import dev.slipway.engine.archive.ArchiveFormat;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
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

    private static final class SinkStream extends OutputStream {
        private final Sink sink;

        SinkStream(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void write(int value) throws IOException {
            sink.write(new byte[] {(byte) value});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            sink.write(Arrays.copyOfRange(bytes, offset, offset + length));
        }
    }
}
