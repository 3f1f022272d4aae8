package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Requests as tests need them: everything usual but for what a test is about.
public final class Requests {
    private Requests() {}

    /// What a container with `privileged: true` asks for.
    static Security privileged() {
        return new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                true,
                true,
                false,
                List.of(),
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);
    }

    /// A pod with a network of its own and nothing else.
    public static SandboxRequest sandbox(PodUid pod) {
        return sandbox(pod, Map.of());
    }

    public static SandboxRequest sandbox(PodUid pod, Map<String, SandboxRequest.PodVolume> volumes) {
        return new SandboxRequest(
                pod,
                "default",
                "web",
                "web",
                new SandboxRequest.Network(SandboxRequest.Link.BRIDGE, List.of(), SandboxRequest.Dns.HOST, List.of()),
                SandboxRequest.Sharing.OF_POD,
                volumes);
    }

    /// The same pod, with these users.
    public static SandboxRequest withUsers(SandboxRequest plain, SandboxRequest.Users users) {
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                new SandboxRequest.Sharing(false, false, SandboxRequest.Ipc.POD, users),
                plain.volumes());
    }

    /// The same pod, with a port of the host that leads to it.
    static SandboxRequest withPort(SandboxRequest plain, SandboxRequest.PortMapping port) {
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                new SandboxRequest.Network(
                        SandboxRequest.Link.BRIDGE, List.of(port), SandboxRequest.Dns.HOST, List.of()),
                plain.sharing(),
                plain.volumes());
    }

    /// A pod `pod` that the kernel is told this name of.
    ///
    /// @param names of its address in `/etc/hosts`
    static SandboxRequest named(String hostname, List<String> names) {
        return new SandboxRequest(
                new PodUid("pod"),
                "default",
                "web",
                hostname,
                new SandboxRequest.Network(
                        SandboxRequest.Link.BRIDGE,
                        Optional.empty(),
                        List.of(),
                        SandboxRequest.Dns.HOST,
                        names,
                        List.of()),
                SandboxRequest.Sharing.OF_POD,
                Map.of());
    }

    /// A container that runs `command` with nothing special.
    public static ContainerRequest container(
            PodUid pod, String name, int attempt, LocalImage image, List<String> command) {
        return new ContainerRequest(
                new ContainerName(pod, name),
                attempt,
                image,
                command,
                List.of(),
                List.of(),
                "",
                new ContainerRequest.Stdio(false, false, false),
                List.of(),
                Resources.UNLIMITED,
                ContainerRequest.Security.STANDARD,
                new ContainerRequest.Layer.PerAttempt());
    }

    /// An image of these layers, bottom first.
    public static LocalImage image(RunParameters parameters, List<DiffId> layers) {
        ImageConfig config = new ImageConfig(Platform.host(), null, parameters, layers, List.of());
        ImageManifest manifest = new ImageManifest(
                Descriptor.of(MediaType.OCI_CONFIG, ImageConfigCodec.write(config)),
                layers.stream()
                        .map(layer -> new Descriptor(MediaType.OCI_LAYER, layer.digest(), 1))
                        .toList());
        return new LocalImage(
                Descriptor.of(MediaType.OCI_MANIFEST, ManifestCodec.write(manifest)),
                manifest,
                config,
                Set.of(),
                Set.of());
    }

    public static ContainerRequest withMounts(ContainerRequest plain, ContainerRequest.VolumeMount... mounts) {
        return changed(plain, List.of(mounts), plain.resources(), plain.security(), plain.layer());
    }

    public static ContainerRequest withResources(ContainerRequest plain, Resources resources) {
        return changed(plain, plain.mounts(), resources, plain.security(), plain.layer());
    }

    public static ContainerRequest withSecurity(ContainerRequest plain, ContainerRequest.Security security) {
        return changed(plain, plain.mounts(), plain.resources(), security, plain.layer());
    }

    public static ContainerRequest withLayer(ContainerRequest plain, ContainerRequest.Layer layer) {
        return changed(plain, plain.mounts(), plain.resources(), plain.security(), layer);
    }

    public static ContainerRequest withCopyUps(ContainerRequest plain, ContainerRequest.CopyUp... copyUps) {
        return changed(plain, plain.mounts(), plain.resources(), plain.security(), plain.layer(), List.of(copyUps));
    }

    public static ContainerRequest withImages(ContainerRequest plain, ContainerRequest.ImageMount... images) {
        return new ContainerRequest(
                plain.container(),
                plain.attempt(),
                plain.image(),
                plain.command(),
                plain.args(),
                plain.env(),
                plain.workingDir(),
                plain.stdio(),
                plain.mounts(),
                plain.resources(),
                plain.security(),
                plain.layer(),
                plain.target(),
                List.of(images),
                plain.copyUps());
    }

    private static ContainerRequest changed(
            ContainerRequest plain,
            List<ContainerRequest.VolumeMount> mounts,
            Resources resources,
            ContainerRequest.Security security,
            ContainerRequest.Layer layer) {
        return changed(plain, mounts, resources, security, layer, plain.copyUps());
    }

    private static ContainerRequest changed(
            ContainerRequest plain,
            List<ContainerRequest.VolumeMount> mounts,
            Resources resources,
            ContainerRequest.Security security,
            ContainerRequest.Layer layer,
            List<ContainerRequest.CopyUp> copyUps) {
        return new ContainerRequest(
                plain.container(),
                plain.attempt(),
                plain.image(),
                plain.command(),
                plain.args(),
                plain.env(),
                plain.workingDir(),
                plain.stdio(),
                mounts,
                resources,
                security,
                layer,
                plain.target(),
                plain.images(),
                copyUps);
    }
}
