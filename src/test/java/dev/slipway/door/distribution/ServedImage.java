package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import java.util.List;

/// A manifest of two small blobs, which no test unpacks.
record ServedImage(byte[] config, byte[] layer, byte[] manifest) {
    static ServedImage of(String text) {
        byte[] config = ("{\"config of\":\"" + text + "\"}").getBytes(UTF_8);
        byte[] layer = ("layer of " + text).getBytes(UTF_8);
        byte[] manifest = ManifestCodec.write(new ImageManifest(
                Descriptor.of(MediaType.OCI_CONFIG, config), List.of(Descriptor.of(MediaType.OCI_LAYER_GZIP, layer))));
        return new ServedImage(config, layer, manifest);
    }

    Digest digest() {
        return Digest.sha256(manifest);
    }

    /// Pushes it, and returns its digest.
    Digest push(RegistryRig rig, String repository, String tag) throws Exception {
        rig.blob(repository, config);
        rig.blob(repository, layer);
        RegistryRig.expect(201, rig.manifest(repository, tag, MediaType.OCI_MANIFEST, manifest));
        return digest();
    }
}
