package dev.slipway.desired.model;

/// Annotations by which a Pod asks for what Kubernetes has no field for. The Pod of a Container carries them; people
/// may write them on Pods of their own.
public final class PodAnnotations {
    /// `Running` (the default), `Stopped` (no process, writable layer kept) or `Paused` (processes frozen).
    public static final String DESIRED_STATE = OwnGroup.GROUP + "/desired-state";

    /// `Kept`: one writable layer for the life of the Pod, instead of a fresh one at each restart.
    public static final String STORAGE_LAYER = OwnGroup.GROUP + "/storage-layer";

    /// What each process of the containers may use, as `docker run --ulimit` takes it: `nofile=1024:2048,core=0`.
    public static final String ULIMITS = OwnGroup.GROUP + "/ulimits";

    /// How often in a row a container is started again, for instance `3`; when it ends after that, it stays ended.
    /// Not of init containers.
    public static final String MAX_RESTARTS = OwnGroup.GROUP + "/max-restarts";

    /// How often in a row each container has been started again, where [#MAX_RESTARTS] counts that: `main=2`; 0 for
    /// one that ran well since. The engine writes it, and reads it when it starts.
    public static final String RESTART_STREAKS = OwnGroup.GROUP + "/restart-streaks";

    /// What the writable layer of each container may hold, as a quantity: `512Mi`. A Pod that exceeds it is
    /// evicted.
    public static final String STORAGE_LAYER_SIZE_LIMIT = OwnGroup.GROUP + "/storage-layer-size-limit";

    /// The first user id of the host that the users of a Pod with `hostUsers: false` are, for instance `100000`;
    /// without it the engine gives a free range.
    public static final String USER_NAMESPACE_HOST_ID = OwnGroup.GROUP + "/user-namespace-host-id";

    /// How many user ids a Pod with `hostUsers: false` gets; without it 65536.
    public static final String USER_NAMESPACE_SIZE = OwnGroup.GROUP + "/user-namespace-size";

    /// The only cpus that the containers run on, as a list: `0-2,7`.
    public static final String CPUSET = OwnGroup.GROUP + "/cpuset";

    /// `Bridge` (the default: an address of its own) or `None` (a loopback interface and nothing else). Not together
    /// with `hostNetwork`.
    public static final String NETWORK_MODE = OwnGroup.GROUP + "/network-mode";

    /// The very address that the Pod has on the bridge, for instance `10.88.1.5`; without it any. It waits while
    /// another Pod has it.
    public static final String NETWORK_ADDRESS = OwnGroup.GROUP + "/network-address";

    /// What becomes of paths that the image declares as volumes: `Persist` (a Volume object of the Pod's owner,
    /// named in the Pod's status), `Ephemeral` (the default: gone with the Pod) or `Ignore`.
    public static final String IMAGE_VOLUMES = OwnGroup.GROUP + "/image-volumes";

    /// `Follow`: containers without probes of their own are asked by the health check that their image declares, and
    /// are not ready while it fails. Without it images are not listened to, as in Kubernetes.
    public static final String IMAGE_HEALTHCHECK = OwnGroup.GROUP + "/image-healthcheck";

    /// Volumes of the Pod, by their names there, that begin with what the image has where they are mounted, if they
    /// are claims whose data Slipway keeps: `data,cache`. In Kubernetes they begin empty, and so does what is not
    /// named.
    public static final String COPY_UP = OwnGroup.GROUP + "/copy-up";

    /// The signal that asks the containers to end, instead of the image's.
    public static final String STOP_SIGNAL = OwnGroup.GROUP + "/stop-signal";

    /// A moment: containers that began before it are ended and started again. Also on a Container, where it makes one
    /// that has finished run again.
    public static final String RESTARTED_AT = OwnGroup.GROUP + "/restarted-at";

    /// Containers that the Pod waits for before it begins, also after a restart of the host:
    /// `db=Ready,migration=Complete`; the conditions are `Started`, `Ready` and `Complete`.
    public static final String DEPENDS_ON = OwnGroup.GROUP + "/depends-on";

    /// In the template of a Deployment: the images that its containers are bound to where a Tag has their names,
    /// `web=acme/shop:1@sha256:...`. The engine writes it when the Tag moves; the pods get these images.
    public static final String PINNED_IMAGES = OwnGroup.GROUP + "/pinned-images";

    /// On a Deployment: where the Tags stood that its template was last brought up to, in the same form.
    public static final String FOLLOWED_IMAGES = OwnGroup.GROUP + "/followed-images";

    /// On a Volume that was made for a path which an image declares: that path. Its owner says for whom.
    public static final String IMAGE_PATH = OwnGroup.GROUP + "/image-path";

    private PodAnnotations() {}
}
