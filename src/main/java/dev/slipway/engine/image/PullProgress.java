package dev.slipway.engine.image;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import java.util.List;

/// Hears how a pull goes. Called from several threads, often; must return at once and not throw.
public interface PullProgress {
    PullProgress SILENT = new PullProgress() {
        @Override
        public void resolved(Digest manifest, List<Descriptor> layers) {}

        @Override
        public void layer(Digest layer, Phase phase, long doneBytes) {}
    };

    /// What one layer is doing.
    enum Phase {
        WAITING,
        /// Travelling, and being unpacked at the same time.
        DOWNLOADING,
        /// All bytes are here; the rest is being unpacked and verified.
        UNPACKING,
        DONE
    }

    /// The registry has said what the image is made of.
    void resolved(Digest manifest, List<Descriptor> layers);

    /// @param doneBytes how many of the layer's packed bytes are here
    void layer(Digest layer, Phase phase, long doneBytes);
}
