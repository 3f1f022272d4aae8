package dev.slipway.engine.image;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.registry.BlobPush;
import java.io.IOException;
import java.util.List;

/// Told how a push goes, on the thread of whoever pushes. What it throws ends the push.
public interface PushProgress {
    PushProgress SILENT = new PushProgress() {
        @Override
        public void begun(List<Descriptor> blobs) {}

        @Override
        public void sent(Descriptor blob, BlobPush.Sent how) {}
    };

    /// @param blobs what the registry has to have before it gets the manifest; not called where it has the image
    void begun(List<Descriptor> blobs) throws IOException;

    /// The registry has a blob, and has all that come before it in what has [#begun].
    void sent(Descriptor blob, BlobPush.Sent how) throws IOException;
}
