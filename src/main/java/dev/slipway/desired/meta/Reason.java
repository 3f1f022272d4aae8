package dev.slipway.desired.meta;

/// Why something is as it is, in one word: the reasons of conditions, waiting and terminated containers, and events.
/// Where Kubernetes has a word, it is spelled as there; clients and scripts compare these strings.
public enum Reason {
    // Conditions of every own kind.
    SUCCEEDED("Succeeded"),
    PROGRESSING("Progressing"),
    FAILED("Failed"),
    INVALID_SPEC("InvalidSpec"),
    FIELDS_IGNORED("FieldsIgnored"),
    DEPENDENCY_NOT_READY("DependencyNotReady"),
    DEPENDENCY_CYCLE("DependencyCycle"),
    HOST_NAMESPACES("HostNamespaces"),
    NOT_FOUND("NotFound"),
    CONFLICT("Conflict"),
    INTERNAL_ERROR("InternalError"),
    TERMINATING("Terminating"),

    // Desired states of a Container.
    RUNNING("Running"),
    STOPPED("Stopped"),
    PAUSED("Paused"),

    // Conditions of a pod.
    CONTAINERS_NOT_READY("ContainersNotReady"),
    CONTAINERS_NOT_INITIALIZED("ContainersNotInitialized"),
    POD_COMPLETED("PodCompleted"),
    POD_FAILED("PodFailed"),
    READINESS_GATES_NOT_READY("ReadinessGatesNotReady"),
    UNSCHEDULABLE("Unschedulable"),

    // Waiting containers.
    CONTAINER_CREATING("ContainerCreating"),
    POD_INITIALIZING("PodInitializing"),
    CRASH_LOOP_BACK_OFF("CrashLoopBackOff"),
    ERR_IMAGE_PULL("ErrImagePull"),
    IMAGE_PULL_BACK_OFF("ImagePullBackOff"),
    ERR_IMAGE_NEVER_PULL("ErrImageNeverPull"),
    INVALID_IMAGE_NAME("InvalidImageName"),
    IMAGE_INSPECT_ERROR("ImageInspectError"),
    REGISTRY_UNAVAILABLE("RegistryUnavailable"),
    SIGNATURE_VALIDATION_FAILED("SignatureValidationFailed"),
    CREATE_CONTAINER_CONFIG_ERROR("CreateContainerConfigError"),
    CREATE_CONTAINER_ERROR("CreateContainerError"),
    RUN_CONTAINER_ERROR("RunContainerError"),
    IDMAP_NOT_SUPPORTED("IdmapNotSupported"),
    POST_START_HOOK_ERROR("PostStartHookError"),

    // Terminated containers and failed pods.
    COMPLETED("Completed"),
    ERROR("Error"),
    OOM_KILLED("OOMKilled"),
    CONTAINER_CANNOT_RUN("ContainerCannotRun"),
    START_ERROR("StartError"),
    CONTAINER_STATUS_UNKNOWN("ContainerStatusUnknown"),
    DEADLINE_EXCEEDED("DeadlineExceeded"),
    EVICTED("Evicted"),

    // Events of pods and containers.
    SCHEDULED("Scheduled"),
    FAILED_SCHEDULING("FailedScheduling"),
    PULLING("Pulling"),
    PULLED("Pulled"),
    CREATED("Created"),
    STARTED("Started"),
    KILLING("Killing"),
    BACK_OFF("BackOff"),
    UNHEALTHY("Unhealthy"),
    PROBE_WARNING("ProbeWarning"),
    EXCEEDED_GRACE_PERIOD("ExceededGracePeriod"),
    FAILED_KILL_POD("FailedKillPod"),
    FAILED_CREATE_POD_CONTAINER("FailedCreatePodContainer"),
    FAILED_CREATE_POD_SAND_BOX("FailedCreatePodSandBox"),
    FAILED_POD_SAND_BOX_STATUS("FailedPodSandBoxStatus"),
    SANDBOX_CHANGED("SandboxChanged"),
    FAILED_MOUNT("FailedMount"),
    FAILED_ATTACH_VOLUME("FailedAttachVolume"),
    FAILED_POST_START_HOOK("FailedPostStartHook"),
    FAILED_PRE_STOP_HOOK("FailedPreStopHook"),
    FAILED_SYNC("FailedSync"),
    FAILED_VALIDATION("FailedValidation"),
    NETWORK_NOT_READY("NetworkNotReady"),
    HOST_PORT_CONFLICT("HostPortConflict"),

    // Events of controllers and of the node.
    SUCCESSFUL_CREATE("SuccessfulCreate"),
    FAILED_CREATE("FailedCreate"),
    SUCCESSFUL_DELETE("SuccessfulDelete"),
    FAILED_DELETE("FailedDelete"),
    STARTING("Starting"),
    NODE_READY("NodeReady"),
    NODE_NOT_READY("NodeNotReady"),
    NODE_HAS_DISK_PRESSURE("NodeHasDiskPressure"),
    FREE_DISK_SPACE_FAILED("FreeDiskSpaceFailed"),
    IMAGE_GC_FAILED("ImageGCFailed"),

    // Deployments.
    SCALING_REPLICA_SET("ScalingReplicaSet"),
    NEW_REPLICA_SET_CREATED("NewReplicaSetCreated"),
    NEW_REPLICA_SET_AVAILABLE("NewReplicaSetAvailable"),
    REPLICA_SET_CREATE_ERROR("ReplicaSetCreateError"),
    REPLICA_SET_UPDATED("ReplicaSetUpdated"),
    FOUND_NEW_REPLICA_SET("FoundNewReplicaSet"),
    MINIMUM_REPLICAS_AVAILABLE("MinimumReplicasAvailable"),
    MINIMUM_REPLICAS_UNAVAILABLE("MinimumReplicasUnavailable"),
    DEPLOYMENT_PAUSED("DeploymentPaused"),
    DEPLOYMENT_RESUMED("DeploymentResumed"),

    // Images and tags.
    BUILD_FAILED("BuildFailed"),
    BUILT("Built"),
    IMPORTED("Imported"),
    IMPORT_FAILED("ImportFailed"),
    COLLECTED("Collected"),
    HIDDEN_CONTENT("HiddenContent"),
    TAG_MOVED("TagMoved"),
    UP_TO_DATE("UpToDate"),
    UPDATE_AVAILABLE("UpdateAvailable"),
    AWAITING_APPROVAL("AwaitingApproval"),
    OUTSIDE_WINDOW("OutsideWindow"),
    QUARANTINED("Quarantined"),
    ROLLED_BACK("RolledBack"),
    PROGRESS_DEADLINE_EXCEEDED("ProgressDeadlineExceeded"),
    PUSHED("Pushed"),
    PUSH_FAILED("PushFailed"),
    PUSH_LOST("PushLost"),
    IMAGE_IN_USE("ImageInUse"),
    INSPECT_FAILED("InspectFailed"),
    FAILED_TO_RETRIEVE_IMAGE_PULL_SECRET("FailedToRetrieveImagePullSecret"),
    VOLUME_IN_USE("VolumeInUse"),
    NEARLY_FULL("NearlyFull"),
    PROJECT_QUOTA("ProjectQuota"),
    NO_PROJECT_QUOTA("NoProjectQuota"),
    VOLUME_RESIZE_SUCCESSFUL("VolumeResizeSuccessful"),
    VOLUME_RESIZE_FAILED("VolumeResizeFailed"),
    DATA_KEPT("DataKept"),
    SNAPSHOT_CREATED("SnapshotCreated"),
    SNAPSHOT_CREATION_FAILED("SnapshotCreationFailed"),
    SNAPSHOT_DELETE_ERROR("SnapshotDeleteError"),
    PROVISIONING_FAILED("ProvisioningFailed"),
    PROVISIONING_SUCCEEDED("ProvisioningSucceeded"),
    FAILED_BINDING("FailedBinding"),
    VOLUME_MISMATCH("VolumeMismatch"),
    CLAIM_LOST("ClaimLost"),
    VOLUME_FAILED_DELETE("VolumeFailedDelete"),
    EXTERNAL_PROVISIONING("ExternalProvisioning"),

    // Sources of manifests.
    APPLIED("Applied"),
    APPLY_FAILED("ApplyFailed"),
    DRIFT_CORRECTED("DriftCorrected"),
    PRUNED("Pruned"),
    PRUNE_FAILED("PruneFailed"),
    PRUNE_HELD_BACK("PruneHeldBack"),
    MANIFEST_INVALID("ManifestInvalid"),
    SOURCE_UNREADABLE("SourceUnreadable"),
    SOURCE_EMPTY("SourceEmpty");

    private final String text;

    Reason(String text) {
        this.text = text;
    }

    /// As clients see it.
    @Override
    public String toString() {
        return text;
    }
}
