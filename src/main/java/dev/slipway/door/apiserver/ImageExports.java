package dev.slipway.door.apiserver;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.Reply;
import java.util.Optional;

/// Whole images as files for clients. Whoever keeps images writes them.
public interface ImageExports {
    /// Writes an image as a tar; empty when the image is not on this host.
    ///
    /// @param format `oci-layout` or `docker-archive`
    /// @throws dev.slipway.door.http.RefusedException for another format
    Optional<Reply.Source> archive(ApiObject image, String format);
}
