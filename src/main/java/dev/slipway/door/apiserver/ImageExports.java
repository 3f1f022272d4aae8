package dev.slipway.door.apiserver;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.Reply;
import java.util.Optional;

/// Whole images for clients, as files, and sent to registries. Whoever keeps images does it.
public interface ImageExports {
    /// Writes an image as a tar; empty when the image is not on this host.
    ///
    /// @param format `oci-layout` or `docker-archive`
    /// @throws dev.slipway.door.http.RefusedException for another format
    Optional<Reply.Source> archive(ApiObject image, String format);

    /// Sends an image to a registry, and tells how that goes, as JSON, a document a line: what has to be there,
    /// each blob that is, and at the end either the `digest` or the `failure`.
    ///
    /// @param name of an Image, or what an image is called on this host
    /// @param destination what it shall be called, with the host of the registry
    /// @throws dev.slipway.door.http.RefusedException when there is no such image, or it cannot be called that
    Reply.Source push(String name, String destination);
}
