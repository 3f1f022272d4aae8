package dev.slipway.engine.image;

import dev.slipway.engine.oci.Platform;
import java.io.IOException;

/// An image exists, but not for the platform that was asked for.
final class NotForThisPlatformException extends IOException {
    private static final long serialVersionUID = 1L;

    NotForThisPlatformException(Platform wanted, String offered) {
        super("the image is not made for " + wanted + ", only for " + offered);
    }
}
