"""Argo's manifests as msgspec structs. Written by scripts/generate_spec.py; do not edit.

None means absent. An empty object, list or text is not None and survives a round trip. Field order is Argo's own
order of output, which is alphabetical.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, field

__all__ = [
    "AWSElasticBlockStoreVolumeSource",
    "Affinity",
    "AnyString",
    "AppArmorProfile",
    "ArchiveStrategy",
    "Arguments",
    "ArtGCStatus",
    "Artifact",
    "ArtifactGC",
    "ArtifactLocation",
    "ArtifactPaths",
    "ArtifactRepository",
    "ArtifactRepositoryRef",
    "ArtifactRepositoryRefStatus",
    "ArtifactoryArtifact",
    "ArtifactoryArtifactRepository",
    "AzureArtifact",
    "AzureArtifactRepository",
    "AzureDiskVolumeSource",
    "AzureFileVolumeSource",
    "Backoff",
    "Base",
    "BasicAuth",
    "CSIVolumeSource",
    "Cache",
    "Capabilities",
    "CephFSVolumeSource",
    "CinderVolumeSource",
    "ClientCertAuth",
    "ClusterTrustBundleProjection",
    "ClusterWorkflowTemplate",
    "Condition",
    "ConfigMap",
    "ConfigMapEnvSource",
    "ConfigMapKeySelector",
    "ConfigMapProjection",
    "ConfigMapVolumeSource",
    "Container",
    "ContainerNode",
    "ContainerPort",
    "ContainerResizePolicy",
    "ContainerRestartRule",
    "ContainerRestartRuleOnExitCodes",
    "ContainerSetRetryStrategy",
    "ContainerSetTemplate",
    "ContinueOn",
    "CoreHTTPHeader",
    "Counter",
    "CreateS3BucketOptions",
    "CronWorkflow",
    "CronWorkflowSpec",
    "CronWorkflowStatus",
    "DAGTask",
    "DAGTemplate",
    "Data",
    "DataSource",
    "DownwardAPIProjection",
    "DownwardAPIVolumeFile",
    "DownwardAPIVolumeSource",
    "EmptyDirVolumeSource",
    "EnvFromSource",
    "EnvVar",
    "EnvVarSource",
    "EphemeralVolumeSource",
    "Event",
    "ExecAction",
    "ExecutorConfig",
    "ExecutorPlugin",
    "ExecutorPluginSidecar",
    "ExecutorPluginSpec",
    "FCVolumeSource",
    "FileKeySelector",
    "FlexVolumeSource",
    "FlockerVolumeSource",
    "GCEPersistentDiskVolumeSource",
    "GCSArtifact",
    "GCSArtifactRepository",
    "GRPCAction",
    "Gauge",
    "GitArtifact",
    "GitRepoVolumeSource",
    "GlusterfsVolumeSource",
    "HDFSArtifact",
    "HDFSArtifactRepository",
    "HTTP",
    "HTTPArtifact",
    "HTTPAuth",
    "HTTPBodySource",
    "HTTPGetAction",
    "HTTPHeader",
    "HTTPHeaderSource",
    "Header",
    "Histogram",
    "HostAlias",
    "HostPathVolumeSource",
    "ISCSIVolumeSource",
    "ImageVolumeSource",
    "Inputs",
    "IntOrString",
    "Item",
    "KeyToPath",
    "LabelSelector",
    "LabelSelectorRequirement",
    "LabelValueFrom",
    "Lifecycle",
    "LifecycleHandler",
    "LifecycleHook",
    "LocalObjectReference",
    "ManagedFieldsEntry",
    "ManifestFrom",
    "MemoizationStatus",
    "Memoize",
    "Metadata",
    "MetricLabel",
    "Metrics",
    "ModifyVolumeStatus",
    "Mutex",
    "MutexHolding",
    "MutexStatus",
    "NFSVolumeSource",
    "NodeAffinity",
    "NodeFlag",
    "NodeSelector",
    "NodeSelectorRequirement",
    "NodeSelectorTerm",
    "NodeStatus",
    "NodeSynchronizationStatus",
    "NoneStrategy",
    "OAuth2Auth",
    "OAuth2EndpointParam",
    "OSSArtifact",
    "OSSArtifactRepository",
    "OSSLifecycleRule",
    "ObjectFieldSelector",
    "ObjectMeta",
    "ObjectReference",
    "Outputs",
    "OwnerReference",
    "Parameter",
    "PersistentVolumeClaim",
    "PersistentVolumeClaimCondition",
    "PersistentVolumeClaimSpec",
    "PersistentVolumeClaimStatus",
    "PersistentVolumeClaimTemplate",
    "PersistentVolumeClaimVolumeSource",
    "PhotonPersistentDiskVolumeSource",
    "PluginArtifact",
    "PluginArtifactRepository",
    "PodAffinity",
    "PodAffinityTerm",
    "PodAntiAffinity",
    "PodCertificateProjection",
    "PodDNSConfig",
    "PodDNSConfigOption",
    "PodDisruptionBudgetSpec",
    "PodGC",
    "PodResourceClaim",
    "PodSecurityContext",
    "PortworxVolumeSource",
    "PreferredSchedulingTerm",
    "Probe",
    "ProjectedVolumeSource",
    "Prometheus",
    "Quantity",
    "QuobyteVolumeSource",
    "RBDVolumeSource",
    "RawArtifact",
    "ResourceClaim",
    "ResourceFieldSelector",
    "ResourceRequirements",
    "ResourceTemplate",
    "RetryAffinity",
    "RetryNodeAntiAffinity",
    "RetryStrategy",
    "S3Artifact",
    "S3ArtifactRepository",
    "S3EncryptionOptions",
    "SELinuxOptions",
    "ScaleIOVolumeSource",
    "ScriptTemplate",
    "SeccompProfile",
    "Secret",
    "SecretEnvSource",
    "SecretKeySelector",
    "SecretProjection",
    "SecretVolumeSource",
    "SecurityContext",
    "SemaphoreHolding",
    "SemaphoreRef",
    "SemaphoreStatus",
    "Sequence",
    "ServiceAccountTokenProjection",
    "SleepAction",
    "StopStrategy",
    "StorageOSVolumeSource",
    "Submit",
    "SuppliedValueFrom",
    "SuspendTemplate",
    "SyncDatabaseRef",
    "Synchronization",
    "SynchronizationStatus",
    "Sysctl",
    "TCPSocketAction",
    "TTLStrategy",
    "TarStrategy",
    "Template",
    "TemplateRef",
    "Toleration",
    "TransformationStep",
    "TypedLocalObjectReference",
    "TypedObjectReference",
    "UserContainer",
    "ValueFrom",
    "Volume",
    "VolumeClaimGC",
    "VolumeDevice",
    "VolumeMount",
    "VolumeProjection",
    "VolumeResourceRequirements",
    "VsphereVirtualDiskVolumeSource",
    "WeightedPodAffinityTerm",
    "WindowsSecurityContextOptions",
    "Workflow",
    "WorkflowEventBinding",
    "WorkflowEventBindingSpec",
    "WorkflowLevelArtifactGC",
    "WorkflowMetadata",
    "WorkflowSpec",
    "WorkflowStatus",
    "WorkflowStep",
    "WorkflowTemplate",
    "WorkflowTemplateRef",
    "ZipStrategy",
]

AnyString: TypeAlias = str | bool | int | float
"""Text that may be written as a number or a boolean; `finale.spec.values.any_string` makes the text."""

IntOrString: TypeAlias = int | str
"""A number, or text: a percentage, a port's name or a tag."""

Quantity: TypeAlias = str | int | float
"""An amount with a unit, ``512Mi``; a bare number too."""

Item: TypeAlias = Any
"""One item of a loop: any JSON value, null included."""


class Base(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="camel"):
    """Parent of all: attributes in snake case, names of Argo in the JSON."""


class AWSElasticBlockStoreVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    partition: int | None = None
    read_only: bool | None = None
    volume_id: str | None = field(name="volumeID", default=None)


class Affinity(Base, frozen=True, kw_only=True):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAntiAffinity | None = None


class AppArmorProfile(Base, frozen=True, kw_only=True):
    localhost_profile: str | None = None
    type: str | None = None


class ArchiveStrategy(Base, frozen=True, kw_only=True):
    none: NoneStrategy | None = None
    tar: TarStrategy | None = None
    zip: ZipStrategy | None = None


class Arguments(Base, frozen=True, kw_only=True):
    artifacts: list[Artifact] | None = None
    parameters: list[Parameter] | None = None


class ArtGCStatus(Base, frozen=True, kw_only=True):
    not_specified: bool | None = None
    pods_recouped: dict[str, bool] | None = None
    strategies_processed: dict[str, bool] | None = None


class Artifact(Base, frozen=True, kw_only=True):
    archive: ArchiveStrategy | None = None
    archive_logs: bool | None = None
    artifact_gc: ArtifactGC | None = field(name="artifactGC", default=None)
    artifactory: ArtifactoryArtifact | None = None
    azure: AzureArtifact | None = None
    deleted: bool | None = None
    from_: str | None = None
    from_expression: str | None = None
    gcs: GCSArtifact | None = None
    git: GitArtifact | None = None
    global_name: str | None = None
    hdfs: HDFSArtifact | None = None
    http: HTTPArtifact | None = None
    mode: int | None = None
    name: str | None = None
    optional: bool | None = None
    oss: OSSArtifact | None = None
    path: str | None = None
    plugin: PluginArtifact | None = None
    raw: RawArtifact | None = None
    recurse_mode: bool | None = None
    s3: S3Artifact | None = None
    sub_path: str | None = None


class ArtifactGC(Base, frozen=True, kw_only=True):
    pod_metadata: Metadata | None = None
    service_account_name: str | None = None
    strategy: str | None = None


class ArtifactLocation(Base, frozen=True, kw_only=True):
    archive_logs: bool | None = None
    artifactory: ArtifactoryArtifact | None = None
    azure: AzureArtifact | None = None
    gcs: GCSArtifact | None = None
    git: GitArtifact | None = None
    hdfs: HDFSArtifact | None = None
    http: HTTPArtifact | None = None
    oss: OSSArtifact | None = None
    plugin: PluginArtifact | None = None
    raw: RawArtifact | None = None
    s3: S3Artifact | None = None


class ArtifactPaths(Base, frozen=True, kw_only=True):
    archive: ArchiveStrategy | None = None
    archive_logs: bool | None = None
    artifact_gc: ArtifactGC | None = field(name="artifactGC", default=None)
    artifactory: ArtifactoryArtifact | None = None
    azure: AzureArtifact | None = None
    deleted: bool | None = None
    from_: str | None = None
    from_expression: str | None = None
    gcs: GCSArtifact | None = None
    git: GitArtifact | None = None
    global_name: str | None = None
    hdfs: HDFSArtifact | None = None
    http: HTTPArtifact | None = None
    mode: int | None = None
    name: str | None = None
    optional: bool | None = None
    oss: OSSArtifact | None = None
    path: str | None = None
    plugin: PluginArtifact | None = None
    raw: RawArtifact | None = None
    recurse_mode: bool | None = None
    s3: S3Artifact | None = None
    sub_path: str | None = None


class ArtifactRepository(Base, frozen=True, kw_only=True):
    archive_logs: bool | None = None
    artifactory: ArtifactoryArtifactRepository | None = None
    azure: AzureArtifactRepository | None = None
    gcs: GCSArtifactRepository | None = None
    hdfs: HDFSArtifactRepository | None = None
    oss: OSSArtifactRepository | None = None
    plugin: PluginArtifactRepository | None = None
    s3: S3ArtifactRepository | None = None


class ArtifactRepositoryRef(Base, frozen=True, kw_only=True):
    config_map: str | None = None
    key: str | None = None


class ArtifactRepositoryRefStatus(Base, frozen=True, kw_only=True):
    artifact_repository: ArtifactRepository | None = None
    config_map: str | None = None
    default: bool | None = None
    key: str | None = None
    namespace: str | None = None


class ArtifactoryArtifact(Base, frozen=True, kw_only=True):
    password_secret: SecretKeySelector | None = None
    url: str | None = None
    username_secret: SecretKeySelector | None = None


class ArtifactoryArtifactRepository(Base, frozen=True, kw_only=True):
    key_format: str | None = None
    password_secret: SecretKeySelector | None = None
    repo_url: str | None = field(name="repoURL", default=None)
    username_secret: SecretKeySelector | None = None


class AzureArtifact(Base, frozen=True, kw_only=True):
    account_key_secret: SecretKeySelector | None = None
    blob: str | None = None
    container: str | None = None
    endpoint: str | None = None
    use_sdk_creds: bool | None = field(name="useSDKCreds", default=None)


class AzureArtifactRepository(Base, frozen=True, kw_only=True):
    account_key_secret: SecretKeySelector | None = None
    blob_name_format: str | None = None
    container: str | None = None
    endpoint: str | None = None
    use_sdk_creds: bool | None = field(name="useSDKCreds", default=None)


class AzureDiskVolumeSource(Base, frozen=True, kw_only=True):
    caching_mode: str | None = None
    disk_name: str | None = None
    disk_uri: str | None = field(name="diskURI", default=None)
    fs_type: str | None = None
    kind: str | None = None
    read_only: bool | None = None


class AzureFileVolumeSource(Base, frozen=True, kw_only=True):
    read_only: bool | None = None
    secret_name: str | None = None
    share_name: str | None = None


class Backoff(Base, frozen=True, kw_only=True):
    cap: str | None = None
    duration: str | None = None
    factor: IntOrString | None = None
    max_duration: str | None = None


class BasicAuth(Base, frozen=True, kw_only=True):
    password_secret: SecretKeySelector | None = None
    username_secret: SecretKeySelector | None = None


class CSIVolumeSource(Base, frozen=True, kw_only=True):
    driver: str | None = None
    fs_type: str | None = None
    node_publish_secret_ref: LocalObjectReference | None = None
    read_only: bool | None = None
    volume_attributes: dict[str, str] | None = None


class Cache(Base, frozen=True, kw_only=True):
    config_map: LocalObjectReference | None = None


class Capabilities(Base, frozen=True, kw_only=True):
    add: list[str] | None = None
    drop: list[str] | None = None


class CephFSVolumeSource(Base, frozen=True, kw_only=True):
    monitors: list[str] | None = None
    path: str | None = None
    read_only: bool | None = None
    secret_file: str | None = None
    secret_ref: LocalObjectReference | None = None
    user: str | None = None


class CinderVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    volume_id: str | None = field(name="volumeID", default=None)


class ClientCertAuth(Base, frozen=True, kw_only=True):
    client_cert_secret: SecretKeySelector | None = None
    client_key_secret: SecretKeySelector | None = None


class ClusterTrustBundleProjection(Base, frozen=True, kw_only=True):
    label_selector: LabelSelector | None = None
    name: str | None = None
    optional: bool | None = None
    path: str | None = None
    signer_name: str | None = None


class ClusterWorkflowTemplate(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: WorkflowSpec | None = None


class Condition(Base, frozen=True, kw_only=True):
    message: str | None = None
    status: str | None = None
    type: str | None = None


class ConfigMap(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    binary_data: dict[str, str] | None = None
    data: dict[str, str] | None = None
    immutable: bool | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None


class ConfigMapEnvSource(Base, frozen=True, kw_only=True):
    name: str | None = None
    optional: bool | None = None


class ConfigMapKeySelector(Base, frozen=True, kw_only=True):
    key: str | None = None
    name: str | None = None
    optional: bool | None = None


class ConfigMapProjection(Base, frozen=True, kw_only=True):
    items: list[KeyToPath] | None = None
    name: str | None = None
    optional: bool | None = None


class ConfigMapVolumeSource(Base, frozen=True, kw_only=True):
    default_mode: int | None = None
    items: list[KeyToPath] | None = None
    name: str | None = None
    optional: bool | None = None


class Container(Base, frozen=True, kw_only=True):
    args: list[str] | None = None
    command: list[str] | None = None
    env: list[EnvVar] | None = None
    env_from: list[EnvFromSource] | None = None
    image: str | None = None
    image_pull_policy: str | None = None
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    name: str | None = None
    ports: list[ContainerPort] | None = None
    readiness_probe: Probe | None = None
    resize_policy: list[ContainerResizePolicy] | None = None
    resources: ResourceRequirements | None = None
    restart_policy: str | None = None
    restart_policy_rules: list[ContainerRestartRule] | None = None
    security_context: SecurityContext | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    termination_message_path: str | None = None
    termination_message_policy: str | None = None
    tty: bool | None = None
    volume_devices: list[VolumeDevice] | None = None
    volume_mounts: list[VolumeMount] | None = None
    working_dir: str | None = None


class ContainerNode(Base, frozen=True, kw_only=True):
    args: list[str] | None = None
    command: list[str] | None = None
    dependencies: list[str] | None = None
    env: list[EnvVar] | None = None
    env_from: list[EnvFromSource] | None = None
    image: str | None = None
    image_pull_policy: str | None = None
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    name: str | None = None
    ports: list[ContainerPort] | None = None
    readiness_probe: Probe | None = None
    resize_policy: list[ContainerResizePolicy] | None = None
    resources: ResourceRequirements | None = None
    restart_policy: str | None = None
    restart_policy_rules: list[ContainerRestartRule] | None = None
    security_context: SecurityContext | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    termination_message_path: str | None = None
    termination_message_policy: str | None = None
    tty: bool | None = None
    volume_devices: list[VolumeDevice] | None = None
    volume_mounts: list[VolumeMount] | None = None
    working_dir: str | None = None


class ContainerPort(Base, frozen=True, kw_only=True):
    container_port: int | None = None
    host_ip: str | None = field(name="hostIP", default=None)
    host_port: int | None = None
    name: str | None = None
    protocol: str | None = None


class ContainerResizePolicy(Base, frozen=True, kw_only=True):
    resource_name: str | None = None
    restart_policy: str | None = None


class ContainerRestartRule(Base, frozen=True, kw_only=True):
    action: str | None = None
    exit_codes: ContainerRestartRuleOnExitCodes | None = None


class ContainerRestartRuleOnExitCodes(Base, frozen=True, kw_only=True):
    operator: str | None = None
    values: list[int] | None = None


class ContainerSetRetryStrategy(Base, frozen=True, kw_only=True):
    duration: str | None = None
    retries: IntOrString | None = None


class ContainerSetTemplate(Base, frozen=True, kw_only=True):
    containers: list[ContainerNode] | None = None
    retry_strategy: ContainerSetRetryStrategy | None = None
    volume_mounts: list[VolumeMount] | None = None


class ContinueOn(Base, frozen=True, kw_only=True):
    error: bool | None = None
    failed: bool | None = None


class CoreHTTPHeader(Base, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None


class Counter(Base, frozen=True, kw_only=True):
    value: str | None = None


class CreateS3BucketOptions(Base, frozen=True, kw_only=True):
    object_locking: bool | None = None


class CronWorkflow(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: CronWorkflowSpec | None = None
    status: CronWorkflowStatus | None = None


class CronWorkflowSpec(Base, frozen=True, kw_only=True):
    concurrency_policy: str | None = None
    failed_jobs_history_limit: int | None = None
    schedules: list[str] | None = None
    starting_deadline_seconds: int | None = None
    stop_strategy: StopStrategy | None = None
    successful_jobs_history_limit: int | None = None
    suspend: bool | None = None
    timezone: str | None = None
    when: str | None = None
    workflow_metadata: ObjectMeta | None = None
    workflow_spec: WorkflowSpec | None = None


class CronWorkflowStatus(Base, frozen=True, kw_only=True):
    active: list[ObjectReference] | None = None
    conditions: list[Condition] | None = None
    failed: int | None = None
    last_scheduled_time: str | None = None
    phase: str | None = None
    succeeded: int | None = None


class DAGTask(Base, frozen=True, kw_only=True):
    arguments: Arguments | None = None
    continue_on: ContinueOn | None = None
    dependencies: list[str] | None = None
    depends: str | None = None
    hooks: dict[str, LifecycleHook] | None = None
    inline: Template | None = None
    name: str | None = None
    on_exit: str | None = None
    template: str | None = None
    template_ref: TemplateRef | None = None
    when: str | None = None
    with_items: list[Item] | None = None
    with_param: str | None = None
    with_sequence: Sequence | None = None


class DAGTemplate(Base, frozen=True, kw_only=True):
    fail_fast: bool | None = None
    target: str | None = None
    tasks: list[DAGTask] | None = None


class Data(Base, frozen=True, kw_only=True):
    source: DataSource | None = None
    transformation: list[TransformationStep] | None = None


class DataSource(Base, frozen=True, kw_only=True):
    artifact_paths: ArtifactPaths | None = None


class DownwardAPIProjection(Base, frozen=True, kw_only=True):
    items: list[DownwardAPIVolumeFile] | None = None


class DownwardAPIVolumeFile(Base, frozen=True, kw_only=True):
    field_ref: ObjectFieldSelector | None = None
    mode: int | None = None
    path: str | None = None
    resource_field_ref: ResourceFieldSelector | None = None


class DownwardAPIVolumeSource(Base, frozen=True, kw_only=True):
    default_mode: int | None = None
    items: list[DownwardAPIVolumeFile] | None = None


class EmptyDirVolumeSource(Base, frozen=True, kw_only=True):
    medium: str | None = None
    size_limit: Quantity | None = None


class EnvFromSource(Base, frozen=True, kw_only=True):
    config_map_ref: ConfigMapEnvSource | None = None
    prefix: str | None = None
    secret_ref: SecretEnvSource | None = None


class EnvVar(Base, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None
    value_from: EnvVarSource | None = None


class EnvVarSource(Base, frozen=True, kw_only=True):
    config_map_key_ref: ConfigMapKeySelector | None = None
    field_ref: ObjectFieldSelector | None = None
    file_key_ref: FileKeySelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    secret_key_ref: SecretKeySelector | None = None


class EphemeralVolumeSource(Base, frozen=True, kw_only=True):
    volume_claim_template: PersistentVolumeClaimTemplate | None = None


class Event(Base, frozen=True, kw_only=True):
    selector: str | None = None


class ExecAction(Base, frozen=True, kw_only=True):
    command: list[str] | None = None


class ExecutorConfig(Base, frozen=True, kw_only=True):
    service_account_name: str | None = None


class ExecutorPlugin(Base, frozen=True, kw_only=True):
    metadata: ObjectMeta | None = None
    spec: ExecutorPluginSpec | None = None


class ExecutorPluginSidecar(Base, frozen=True, kw_only=True):
    automount_service_account_token: bool | None = None
    container: Container | None = None


class ExecutorPluginSpec(Base, frozen=True, kw_only=True):
    sidecar: ExecutorPluginSidecar | None = None


class FCVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    lun: int | None = None
    read_only: bool | None = None
    target_ww_ns: list[str] | None = field(name="targetWWNs", default=None)
    wwids: list[str] | None = None


class FileKeySelector(Base, frozen=True, kw_only=True):
    key: str | None = None
    optional: bool | None = None
    path: str | None = None
    volume_name: str | None = None


class FlexVolumeSource(Base, frozen=True, kw_only=True):
    driver: str | None = None
    fs_type: str | None = None
    options: dict[str, str] | None = None
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None


class FlockerVolumeSource(Base, frozen=True, kw_only=True):
    dataset_name: str | None = None
    dataset_uuid: str | None = field(name="datasetUUID", default=None)


class GCEPersistentDiskVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    partition: int | None = None
    pd_name: str | None = None
    read_only: bool | None = None


class GCSArtifact(Base, frozen=True, kw_only=True):
    bucket: str | None = None
    key: str | None = None
    service_account_key_secret: SecretKeySelector | None = None


class GCSArtifactRepository(Base, frozen=True, kw_only=True):
    bucket: str | None = None
    key_format: str | None = None
    service_account_key_secret: SecretKeySelector | None = None


class GRPCAction(Base, frozen=True, kw_only=True):
    port: int | None = None
    service: str | None = None


class Gauge(Base, frozen=True, kw_only=True):
    operation: str | None = None
    realtime: bool | None = None
    value: str | None = None


class GitArtifact(Base, frozen=True, kw_only=True):
    branch: str | None = None
    depth: int | None = None
    disable_submodules: bool | None = None
    fetch: list[str] | None = None
    insecure_ignore_host_key: bool | None = None
    insecure_skip_tls: bool | None = field(name="insecureSkipTLS", default=None)
    password_secret: SecretKeySelector | None = None
    repo: str | None = None
    revision: str | None = None
    single_branch: bool | None = None
    ssh_private_key_secret: SecretKeySelector | None = None
    username_secret: SecretKeySelector | None = None


class GitRepoVolumeSource(Base, frozen=True, kw_only=True):
    directory: str | None = None
    repository: str | None = None
    revision: str | None = None


class GlusterfsVolumeSource(Base, frozen=True, kw_only=True):
    endpoints: str | None = None
    path: str | None = None
    read_only: bool | None = None


class HDFSArtifact(Base, frozen=True, kw_only=True):
    addresses: list[str] | None = None
    data_transfer_protection: str | None = None
    force: bool | None = None
    hdfs_user: str | None = None
    krb_c_cache_secret: SecretKeySelector | None = None
    krb_config_config_map: ConfigMapKeySelector | None = None
    krb_keytab_secret: SecretKeySelector | None = None
    krb_realm: str | None = None
    krb_service_principal_name: str | None = None
    krb_username: str | None = None
    path: str | None = None


class HDFSArtifactRepository(Base, frozen=True, kw_only=True):
    addresses: list[str] | None = None
    data_transfer_protection: str | None = None
    force: bool | None = None
    hdfs_user: str | None = None
    krb_c_cache_secret: SecretKeySelector | None = None
    krb_config_config_map: ConfigMapKeySelector | None = None
    krb_keytab_secret: SecretKeySelector | None = None
    krb_realm: str | None = None
    krb_service_principal_name: str | None = None
    krb_username: str | None = None
    path_format: str | None = None


class HTTP(Base, frozen=True, kw_only=True):
    body: str | None = None
    body_from: HTTPBodySource | None = None
    headers: list[HTTPHeader] | None = None
    insecure_skip_verify: bool | None = None
    method: str | None = None
    success_condition: str | None = None
    timeout_seconds: int | None = None
    url: str | None = None


class HTTPArtifact(Base, frozen=True, kw_only=True):
    auth: HTTPAuth | None = None
    headers: list[Header] | None = None
    save_stream_via_file: bool | None = None
    url: str | None = None


class HTTPAuth(Base, frozen=True, kw_only=True):
    basic_auth: BasicAuth | None = None
    client_cert: ClientCertAuth | None = None
    oauth2: OAuth2Auth | None = None


class HTTPBodySource(Base, frozen=True, kw_only=True):
    bytes: str | None = None


class HTTPGetAction(Base, frozen=True, kw_only=True):
    host: str | None = None
    http_headers: list[CoreHTTPHeader] | None = None
    path: str | None = None
    port: IntOrString | None = None
    scheme: str | None = None


class HTTPHeader(Base, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None
    value_from: HTTPHeaderSource | None = None


class HTTPHeaderSource(Base, frozen=True, kw_only=True):
    secret_key_ref: SecretKeySelector | None = None


class Header(Base, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None


class Histogram(Base, frozen=True, kw_only=True):
    buckets: list[float] | None = None
    value: str | None = None


class HostAlias(Base, frozen=True, kw_only=True):
    hostnames: list[str] | None = None
    ip: str | None = None


class HostPathVolumeSource(Base, frozen=True, kw_only=True):
    path: str | None = None
    type: str | None = None


class ISCSIVolumeSource(Base, frozen=True, kw_only=True):
    chap_auth_discovery: bool | None = None
    chap_auth_session: bool | None = None
    fs_type: str | None = None
    initiator_name: str | None = None
    iqn: str | None = None
    iscsi_interface: str | None = None
    lun: int | None = None
    portals: list[str] | None = None
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    target_portal: str | None = None


class ImageVolumeSource(Base, frozen=True, kw_only=True):
    pull_policy: str | None = None
    reference: str | None = None


class Inputs(Base, frozen=True, kw_only=True):
    artifacts: list[Artifact] | None = None
    parameters: list[Parameter] | None = None


class KeyToPath(Base, frozen=True, kw_only=True):
    key: str | None = None
    mode: int | None = None
    path: str | None = None


class LabelSelector(Base, frozen=True, kw_only=True):
    match_expressions: list[LabelSelectorRequirement] | None = None
    match_labels: dict[str, str] | None = None


class LabelSelectorRequirement(Base, frozen=True, kw_only=True):
    key: str | None = None
    operator: str | None = None
    values: list[str] | None = None


class LabelValueFrom(Base, frozen=True, kw_only=True):
    expression: str | None = None


class Lifecycle(Base, frozen=True, kw_only=True):
    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None
    stop_signal: str | None = None


class LifecycleHandler(Base, frozen=True, kw_only=True):
    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    sleep: SleepAction | None = None
    tcp_socket: TCPSocketAction | None = None


class LifecycleHook(Base, frozen=True, kw_only=True):
    arguments: Arguments | None = None
    expression: str | None = None
    template: str | None = None
    template_ref: TemplateRef | None = None


class LocalObjectReference(Base, frozen=True, kw_only=True):
    name: str | None = None


class ManagedFieldsEntry(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    fields_type: str | None = None
    fields_v1: dict[str, Any] | None = None
    manager: str | None = None
    operation: str | None = None
    subresource: str | None = None
    time: str | None = None


class ManifestFrom(Base, frozen=True, kw_only=True):
    artifact: Artifact | None = None


class MemoizationStatus(Base, frozen=True, kw_only=True):
    cache_name: str | None = None
    hit: bool | None = None
    key: str | None = None


class Memoize(Base, frozen=True, kw_only=True):
    cache: Cache | None = None
    key: str | None = None
    max_age: str | None = None


class Metadata(Base, frozen=True, kw_only=True):
    annotations: dict[str, str] | None = None
    labels: dict[str, str] | None = None


class MetricLabel(Base, frozen=True, kw_only=True):
    key: str | None = None
    value: str | None = None


class Metrics(Base, frozen=True, kw_only=True):
    prometheus: list[Prometheus] | None = None


class ModifyVolumeStatus(Base, frozen=True, kw_only=True):
    status: str | None = None
    target_volume_attributes_class_name: str | None = None


class Mutex(Base, frozen=True, kw_only=True):
    database: bool | None = None
    name: str | None = None
    namespace: str | None = None


class MutexHolding(Base, frozen=True, kw_only=True):
    holder: str | None = None
    mutex: str | None = None


class MutexStatus(Base, frozen=True, kw_only=True):
    holding: list[MutexHolding] | None = None
    waiting: list[MutexHolding] | None = None


class NFSVolumeSource(Base, frozen=True, kw_only=True):
    path: str | None = None
    read_only: bool | None = None
    server: str | None = None


class NodeAffinity(Base, frozen=True, kw_only=True):
    preferred_during_scheduling_ignored_during_execution: list[PreferredSchedulingTerm] | None = None
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None


class NodeFlag(Base, frozen=True, kw_only=True):
    hooked: bool | None = None
    retried: bool | None = None


class NodeSelector(Base, frozen=True, kw_only=True):
    node_selector_terms: list[NodeSelectorTerm] | None = None


class NodeSelectorRequirement(Base, frozen=True, kw_only=True):
    key: str | None = None
    operator: str | None = None
    values: list[str] | None = None


class NodeSelectorTerm(Base, frozen=True, kw_only=True):
    match_expressions: list[NodeSelectorRequirement] | None = None
    match_fields: list[NodeSelectorRequirement] | None = None


class NodeStatus(Base, frozen=True, kw_only=True):
    boundary_id: str | None = field(name="boundaryID", default=None)
    children: list[str] | None = None
    daemoned: bool | None = None
    display_name: str | None = None
    estimated_duration: int | None = None
    failed_pod_restarts: int | None = None
    finished_at: str | None = None
    host_node_name: str | None = None
    id: str | None = None
    inputs: Inputs | None = None
    memoization_status: MemoizationStatus | None = None
    message: str | None = None
    name: str | None = None
    node_flag: NodeFlag | None = None
    outbound_nodes: list[str] | None = None
    outputs: Outputs | None = None
    phase: str | None = None
    pod_ip: str | None = field(name="podIP", default=None)
    progress: str | None = None
    resources_duration: dict[str, int] | None = None
    restarting_pod_uid: str | None = field(name="restartingPodUID", default=None)
    started_at: str | None = None
    synchronization_status: NodeSynchronizationStatus | None = None
    task_result_synced: bool | None = None
    template_name: str | None = None
    template_ref: TemplateRef | None = None
    template_scope: str | None = None
    type: str | None = None


class NodeSynchronizationStatus(Base, frozen=True, kw_only=True):
    waiting: str | None = None


class NoneStrategy(Base, frozen=True, kw_only=True):
    pass


class OAuth2Auth(Base, frozen=True, kw_only=True):
    client_id_secret: SecretKeySelector | None = field(name="clientIDSecret", default=None)
    client_secret_secret: SecretKeySelector | None = None
    endpoint_params: list[OAuth2EndpointParam] | None = None
    scopes: list[str] | None = None
    token_url_secret: SecretKeySelector | None = field(name="tokenURLSecret", default=None)


class OAuth2EndpointParam(Base, frozen=True, kw_only=True):
    key: str | None = None
    value: str | None = None


class OSSArtifact(Base, frozen=True, kw_only=True):
    access_key_secret: SecretKeySelector | None = None
    bucket: str | None = None
    create_bucket_if_not_present: bool | None = None
    endpoint: str | None = None
    key: str | None = None
    lifecycle_rule: OSSLifecycleRule | None = None
    secret_key_secret: SecretKeySelector | None = None
    security_token: str | None = None
    use_sdk_creds: bool | None = field(name="useSDKCreds", default=None)


class OSSArtifactRepository(Base, frozen=True, kw_only=True):
    access_key_secret: SecretKeySelector | None = None
    bucket: str | None = None
    create_bucket_if_not_present: bool | None = None
    endpoint: str | None = None
    key_format: str | None = None
    lifecycle_rule: OSSLifecycleRule | None = None
    secret_key_secret: SecretKeySelector | None = None
    security_token: str | None = None
    use_sdk_creds: bool | None = field(name="useSDKCreds", default=None)


class OSSLifecycleRule(Base, frozen=True, kw_only=True):
    mark_deletion_after_days: int | None = None
    mark_infrequent_access_after_days: int | None = None


class ObjectFieldSelector(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    field_path: str | None = None


class ObjectMeta(Base, frozen=True, kw_only=True):
    annotations: dict[str, str] | None = None
    creation_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    deletion_timestamp: str | None = None
    finalizers: list[str] | None = None
    generate_name: str | None = None
    generation: int | None = None
    labels: dict[str, str] | None = None
    managed_fields: list[ManagedFieldsEntry] | None = None
    name: str | None = None
    namespace: str | None = None
    owner_references: list[OwnerReference] | None = None
    resource_version: str | None = None
    self_link: str | None = None
    uid: str | None = None


class ObjectReference(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    field_path: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None
    uid: str | None = None


class Outputs(Base, frozen=True, kw_only=True):
    artifacts: list[Artifact] | None = None
    exit_code: str | None = None
    parameters: list[Parameter] | None = None
    result: str | None = None


class OwnerReference(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    block_owner_deletion: bool | None = None
    controller: bool | None = None
    kind: str | None = None
    name: str | None = None
    uid: str | None = None


class Parameter(Base, frozen=True, kw_only=True):
    default: AnyString | None = None
    description: str | None = None
    enum: list[AnyString] | None = None
    global_name: str | None = None
    name: str | None = None
    value: AnyString | None = None
    value_from: ValueFrom | None = None


class PersistentVolumeClaim(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: PersistentVolumeClaimSpec | None = None
    status: PersistentVolumeClaimStatus | None = None


class PersistentVolumeClaimCondition(Base, frozen=True, kw_only=True):
    last_probe_time: str | None = None
    last_transition_time: str | None = None
    message: str | None = None
    reason: str | None = None
    status: str | None = None
    type: str | None = None


class PersistentVolumeClaimSpec(Base, frozen=True, kw_only=True):
    access_modes: list[str] | None = None
    data_source: TypedLocalObjectReference | None = None
    data_source_ref: TypedObjectReference | None = None
    resources: VolumeResourceRequirements | None = None
    selector: LabelSelector | None = None
    storage_class_name: str | None = None
    volume_attributes_class_name: str | None = None
    volume_mode: str | None = None
    volume_name: str | None = None


class PersistentVolumeClaimStatus(Base, frozen=True, kw_only=True):
    access_modes: list[str] | None = None
    allocated_resource_statuses: dict[str, str] | None = None
    allocated_resources: dict[str, Quantity] | None = None
    capacity: dict[str, Quantity] | None = None
    conditions: list[PersistentVolumeClaimCondition] | None = None
    current_volume_attributes_class_name: str | None = None
    modify_volume_status: ModifyVolumeStatus | None = None
    phase: str | None = None


class PersistentVolumeClaimTemplate(Base, frozen=True, kw_only=True):
    metadata: ObjectMeta | None = None
    spec: PersistentVolumeClaimSpec | None = None


class PersistentVolumeClaimVolumeSource(Base, frozen=True, kw_only=True):
    claim_name: str | None = None
    read_only: bool | None = None


class PhotonPersistentDiskVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    pd_id: str | None = field(name="pdID", default=None)


class PluginArtifact(Base, frozen=True, kw_only=True):
    configuration: str | None = None
    connection_timeout_seconds: int | None = None
    key: str | None = None
    name: str | None = None


class PluginArtifactRepository(Base, frozen=True, kw_only=True):
    configuration: str | None = None
    key_format: str | None = None
    name: str | None = None


class PodAffinity(Base, frozen=True, kw_only=True):
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] | None = None
    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] | None = None


class PodAffinityTerm(Base, frozen=True, kw_only=True):
    label_selector: LabelSelector | None = None
    match_label_keys: list[str] | None = None
    mismatch_label_keys: list[str] | None = None
    namespace_selector: LabelSelector | None = None
    namespaces: list[str] | None = None
    topology_key: str | None = None


class PodAntiAffinity(Base, frozen=True, kw_only=True):
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] | None = None
    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] | None = None


class PodCertificateProjection(Base, frozen=True, kw_only=True):
    certificate_chain_path: str | None = None
    credential_bundle_path: str | None = None
    key_path: str | None = None
    key_type: str | None = None
    max_expiration_seconds: int | None = None
    signer_name: str | None = None
    user_annotations: dict[str, str] | None = None


class PodDNSConfig(Base, frozen=True, kw_only=True):
    nameservers: list[str] | None = None
    options: list[PodDNSConfigOption] | None = None
    searches: list[str] | None = None


class PodDNSConfigOption(Base, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None


class PodDisruptionBudgetSpec(Base, frozen=True, kw_only=True):
    max_unavailable: IntOrString | None = None
    min_available: IntOrString | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str | None = None


class PodGC(Base, frozen=True, kw_only=True):
    delete_delay_duration: str | None = None
    label_selector: LabelSelector | None = None
    strategy: str | None = None


class PodResourceClaim(Base, frozen=True, kw_only=True):
    name: str | None = None
    resource_claim_name: str | None = None
    resource_claim_template_name: str | None = None


class PodSecurityContext(Base, frozen=True, kw_only=True):
    app_armor_profile: AppArmorProfile | None = None
    fs_group: int | None = None
    fs_group_change_policy: str | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux_change_policy: str | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    supplemental_groups: list[int] | None = None
    supplemental_groups_policy: str | None = None
    sysctls: list[Sysctl] | None = None
    windows_options: WindowsSecurityContextOptions | None = None


class PortworxVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    read_only: bool | None = None
    volume_id: str | None = field(name="volumeID", default=None)


class PreferredSchedulingTerm(Base, frozen=True, kw_only=True):
    preference: NodeSelectorTerm | None = None
    weight: int | None = None


class Probe(Base, frozen=True, kw_only=True):
    exec: ExecAction | None = None
    failure_threshold: int | None = None
    grpc: GRPCAction | None = None
    http_get: HTTPGetAction | None = None
    initial_delay_seconds: int | None = None
    period_seconds: int | None = None
    success_threshold: int | None = None
    tcp_socket: TCPSocketAction | None = None
    termination_grace_period_seconds: int | None = None
    timeout_seconds: int | None = None


class ProjectedVolumeSource(Base, frozen=True, kw_only=True):
    default_mode: int | None = None
    sources: list[VolumeProjection] | None = None


class Prometheus(Base, frozen=True, kw_only=True):
    counter: Counter | None = None
    gauge: Gauge | None = None
    help: str | None = None
    histogram: Histogram | None = None
    labels: list[MetricLabel] | None = None
    name: str | None = None
    when: str | None = None


class QuobyteVolumeSource(Base, frozen=True, kw_only=True):
    group: str | None = None
    read_only: bool | None = None
    registry: str | None = None
    tenant: str | None = None
    user: str | None = None
    volume: str | None = None


class RBDVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    image: str | None = None
    keyring: str | None = None
    monitors: list[str] | None = None
    pool: str | None = None
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    user: str | None = None


class RawArtifact(Base, frozen=True, kw_only=True):
    data: str | None = None


class ResourceClaim(Base, frozen=True, kw_only=True):
    name: str | None = None
    request: str | None = None


class ResourceFieldSelector(Base, frozen=True, kw_only=True):
    container_name: str | None = None
    divisor: Quantity | None = None
    resource: str | None = None


class ResourceRequirements(Base, frozen=True, kw_only=True):
    claims: list[ResourceClaim] | None = None
    limits: dict[str, Quantity] | None = None
    requests: dict[str, Quantity] | None = None


class ResourceTemplate(Base, frozen=True, kw_only=True):
    action: str | None = None
    failure_condition: str | None = None
    flags: list[str] | None = None
    manifest: str | None = None
    manifest_from: ManifestFrom | None = None
    merge_strategy: str | None = None
    set_owner_reference: bool | None = None
    success_condition: str | None = None


class RetryAffinity(Base, frozen=True, kw_only=True):
    node_anti_affinity: RetryNodeAntiAffinity | None = None


class RetryNodeAntiAffinity(Base, frozen=True, kw_only=True):
    pass


class RetryStrategy(Base, frozen=True, kw_only=True):
    affinity: RetryAffinity | None = None
    backoff: Backoff | None = None
    expression: str | None = None
    limit: IntOrString | None = None
    retry_policy: str | None = None


class S3Artifact(Base, frozen=True, kw_only=True):
    access_key_secret: SecretKeySelector | None = None
    addressing_style: str | None = None
    bucket: str | None = None
    ca_secret: SecretKeySelector | None = None
    create_bucket_if_not_present: CreateS3BucketOptions | None = None
    encryption_options: S3EncryptionOptions | None = None
    endpoint: str | None = None
    insecure: bool | None = None
    key: str | None = None
    region: str | None = None
    role_arn: str | None = field(name="roleARN", default=None)
    secret_key_secret: SecretKeySelector | None = None
    session_token_secret: SecretKeySelector | None = None
    use_sdk_creds: bool | None = field(name="useSDKCreds", default=None)


class S3ArtifactRepository(Base, frozen=True, kw_only=True):
    access_key_secret: SecretKeySelector | None = None
    addressing_style: str | None = None
    bucket: str | None = None
    ca_secret: SecretKeySelector | None = None
    create_bucket_if_not_present: CreateS3BucketOptions | None = None
    encryption_options: S3EncryptionOptions | None = None
    endpoint: str | None = None
    insecure: bool | None = None
    key_format: str | None = None
    key_prefix: str | None = None
    region: str | None = None
    role_arn: str | None = field(name="roleARN", default=None)
    secret_key_secret: SecretKeySelector | None = None
    session_token_secret: SecretKeySelector | None = None
    use_sdk_creds: bool | None = field(name="useSDKCreds", default=None)


class S3EncryptionOptions(Base, frozen=True, kw_only=True):
    enable_encryption: bool | None = None
    kms_encryption_context: str | None = None
    kms_key_id: str | None = None
    server_side_customer_key_secret: SecretKeySelector | None = None


class SELinuxOptions(Base, frozen=True, kw_only=True):
    level: str | None = None
    role: str | None = None
    type: str | None = None
    user: str | None = None


class ScaleIOVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    gateway: str | None = None
    protection_domain: str | None = None
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    ssl_enabled: bool | None = None
    storage_mode: str | None = None
    storage_pool: str | None = None
    system: str | None = None
    volume_name: str | None = None


class ScriptTemplate(Base, frozen=True, kw_only=True):
    args: list[str] | None = None
    command: list[str] | None = None
    env: list[EnvVar] | None = None
    env_from: list[EnvFromSource] | None = None
    image: str | None = None
    image_pull_policy: str | None = None
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    name: str | None = None
    ports: list[ContainerPort] | None = None
    readiness_probe: Probe | None = None
    resize_policy: list[ContainerResizePolicy] | None = None
    resources: ResourceRequirements | None = None
    restart_policy: str | None = None
    restart_policy_rules: list[ContainerRestartRule] | None = None
    security_context: SecurityContext | None = None
    source: str | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    termination_message_path: str | None = None
    termination_message_policy: str | None = None
    tty: bool | None = None
    volume_devices: list[VolumeDevice] | None = None
    volume_mounts: list[VolumeMount] | None = None
    working_dir: str | None = None


class SeccompProfile(Base, frozen=True, kw_only=True):
    localhost_profile: str | None = None
    type: str | None = None


class Secret(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    data: dict[str, str] | None = None
    immutable: bool | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    string_data: dict[str, str] | None = None
    type: str | None = None


class SecretEnvSource(Base, frozen=True, kw_only=True):
    name: str | None = None
    optional: bool | None = None


class SecretKeySelector(Base, frozen=True, kw_only=True):
    key: str | None = None
    name: str | None = None
    optional: bool | None = None


class SecretProjection(Base, frozen=True, kw_only=True):
    items: list[KeyToPath] | None = None
    name: str | None = None
    optional: bool | None = None


class SecretVolumeSource(Base, frozen=True, kw_only=True):
    default_mode: int | None = None
    items: list[KeyToPath] | None = None
    optional: bool | None = None
    secret_name: str | None = None


class SecurityContext(Base, frozen=True, kw_only=True):
    allow_privilege_escalation: bool | None = None
    app_armor_profile: AppArmorProfile | None = None
    capabilities: Capabilities | None = None
    privileged: bool | None = None
    proc_mount: str | None = None
    read_only_root_filesystem: bool | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    windows_options: WindowsSecurityContextOptions | None = None


class SemaphoreHolding(Base, frozen=True, kw_only=True):
    holders: list[str] | None = None
    semaphore: str | None = None


class SemaphoreRef(Base, frozen=True, kw_only=True):
    config_map_key_ref: ConfigMapKeySelector | None = None
    database: SyncDatabaseRef | None = None
    namespace: str | None = None


class SemaphoreStatus(Base, frozen=True, kw_only=True):
    holding: list[SemaphoreHolding] | None = None
    waiting: list[SemaphoreHolding] | None = None


class Sequence(Base, frozen=True, kw_only=True):
    count: IntOrString | None = None
    end: IntOrString | None = None
    format: str | None = None
    start: IntOrString | None = None


class ServiceAccountTokenProjection(Base, frozen=True, kw_only=True):
    audience: str | None = None
    expiration_seconds: int | None = None
    path: str | None = None


class SleepAction(Base, frozen=True, kw_only=True):
    seconds: int | None = None


class StopStrategy(Base, frozen=True, kw_only=True):
    expression: str | None = None


class StorageOSVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    read_only: bool | None = None
    secret_ref: LocalObjectReference | None = None
    volume_name: str | None = None
    volume_namespace: str | None = None


class Submit(Base, frozen=True, kw_only=True):
    arguments: Arguments | None = None
    metadata: ObjectMeta | None = None
    workflow_template_ref: WorkflowTemplateRef | None = None


class SuppliedValueFrom(Base, frozen=True, kw_only=True):
    pass


class SuspendTemplate(Base, frozen=True, kw_only=True):
    duration: str | None = None


class SyncDatabaseRef(Base, frozen=True, kw_only=True):
    key: str | None = None


class Synchronization(Base, frozen=True, kw_only=True):
    mutexes: list[Mutex] | None = None
    semaphores: list[SemaphoreRef] | None = None


class SynchronizationStatus(Base, frozen=True, kw_only=True):
    mutex: MutexStatus | None = None
    semaphore: SemaphoreStatus | None = None


class Sysctl(Base, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None


class TCPSocketAction(Base, frozen=True, kw_only=True):
    host: str | None = None
    port: IntOrString | None = None


class TTLStrategy(Base, frozen=True, kw_only=True):
    seconds_after_completion: int | None = None
    seconds_after_failure: int | None = None
    seconds_after_success: int | None = None


class TarStrategy(Base, frozen=True, kw_only=True):
    compression_level: int | None = None


class Template(Base, frozen=True, kw_only=True):
    active_deadline_seconds: IntOrString | None = None
    affinity: Affinity | None = None
    annotations: dict[str, str] | None = None
    archive_location: ArtifactLocation | None = None
    automount_service_account_token: bool | None = None
    container: Container | None = None
    container_set: ContainerSetTemplate | None = None
    daemon: bool | None = None
    dag: DAGTemplate | None = None
    data: Data | None = None
    executor: ExecutorConfig | None = None
    fail_fast: bool | None = None
    host_aliases: list[HostAlias] | None = None
    http: HTTP | None = None
    init_containers: list[UserContainer] | None = None
    inputs: Inputs | None = None
    memoize: Memoize | None = None
    metadata: Metadata | None = None
    metrics: Metrics | None = None
    name: str | None = None
    node_selector: dict[str, str] | None = None
    outputs: Outputs | None = None
    parallelism: int | None = None
    pending_timeout: str | None = None
    plugin: dict[str, Any] | None = None
    pod_resources: ResourceRequirements | None = None
    pod_spec_patch: str | None = None
    priority_class_name: str | None = None
    resource: ResourceTemplate | None = None
    resource_claims: list[PodResourceClaim] | None = None
    retry_strategy: RetryStrategy | None = None
    scheduler_name: str | None = None
    script: ScriptTemplate | None = None
    security_context: PodSecurityContext | None = None
    service_account_name: str | None = None
    sidecars: list[UserContainer] | None = None
    steps: list[list[WorkflowStep]] | None = None
    suspend: SuspendTemplate | None = None
    synchronization: Synchronization | None = None
    timeout: str | None = None
    tolerations: list[Toleration] | None = None
    volumes: list[Volume] | None = None


class TemplateRef(Base, frozen=True, kw_only=True):
    cluster_scope: bool | None = None
    name: str | None = None
    template: str | None = None


class Toleration(Base, frozen=True, kw_only=True):
    effect: str | None = None
    key: str | None = None
    operator: str | None = None
    toleration_seconds: int | None = None
    value: str | None = None


class TransformationStep(Base, frozen=True, kw_only=True):
    expression: str | None = None


class TypedLocalObjectReference(Base, frozen=True, kw_only=True):
    api_group: str | None = None
    kind: str | None = None
    name: str | None = None


class TypedObjectReference(Base, frozen=True, kw_only=True):
    api_group: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None


class UserContainer(Base, frozen=True, kw_only=True):
    args: list[str] | None = None
    command: list[str] | None = None
    env: list[EnvVar] | None = None
    env_from: list[EnvFromSource] | None = None
    image: str | None = None
    image_pull_policy: str | None = None
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    mirror_volume_mounts: bool | None = None
    name: str | None = None
    ports: list[ContainerPort] | None = None
    readiness_probe: Probe | None = None
    resize_policy: list[ContainerResizePolicy] | None = None
    resources: ResourceRequirements | None = None
    restart_policy: str | None = None
    restart_policy_rules: list[ContainerRestartRule] | None = None
    security_context: SecurityContext | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    termination_message_path: str | None = None
    termination_message_policy: str | None = None
    tty: bool | None = None
    volume_devices: list[VolumeDevice] | None = None
    volume_mounts: list[VolumeMount] | None = None
    working_dir: str | None = None


class ValueFrom(Base, frozen=True, kw_only=True):
    config_map_key_ref: ConfigMapKeySelector | None = None
    default: AnyString | None = None
    event: str | None = None
    expression: str | None = None
    jq_filter: str | None = None
    json_path: str | None = None
    parameter: str | None = None
    path: str | None = None
    supplied: SuppliedValueFrom | None = None


class Volume(Base, frozen=True, kw_only=True):
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = None
    azure_disk: AzureDiskVolumeSource | None = None
    azure_file: AzureFileVolumeSource | None = None
    cephfs: CephFSVolumeSource | None = None
    cinder: CinderVolumeSource | None = None
    config_map: ConfigMapVolumeSource | None = None
    csi: CSIVolumeSource | None = None
    downward_api: DownwardAPIVolumeSource | None = field(name="downwardAPI", default=None)
    empty_dir: EmptyDirVolumeSource | None = None
    ephemeral: EphemeralVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flex_volume: FlexVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None = None
    git_repo: GitRepoVolumeSource | None = None
    glusterfs: GlusterfsVolumeSource | None = None
    host_path: HostPathVolumeSource | None = None
    image: ImageVolumeSource | None = None
    iscsi: ISCSIVolumeSource | None = None
    name: str | None = None
    nfs: NFSVolumeSource | None = None
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = None
    portworx_volume: PortworxVolumeSource | None = None
    projected: ProjectedVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    rbd: RBDVolumeSource | None = None
    scale_io: ScaleIOVolumeSource | None = field(name="scaleIO", default=None)
    secret: SecretVolumeSource | None = None
    storageos: StorageOSVolumeSource | None = None
    vsphere_volume: VsphereVirtualDiskVolumeSource | None = None


class VolumeClaimGC(Base, frozen=True, kw_only=True):
    strategy: str | None = None


class VolumeDevice(Base, frozen=True, kw_only=True):
    device_path: str | None = None
    name: str | None = None


class VolumeMount(Base, frozen=True, kw_only=True):
    mount_path: str | None = None
    mount_propagation: str | None = None
    name: str | None = None
    read_only: bool | None = None
    recursive_read_only: str | None = None
    sub_path: str | None = None
    sub_path_expr: str | None = None


class VolumeProjection(Base, frozen=True, kw_only=True):
    cluster_trust_bundle: ClusterTrustBundleProjection | None = None
    config_map: ConfigMapProjection | None = None
    downward_api: DownwardAPIProjection | None = field(name="downwardAPI", default=None)
    pod_certificate: PodCertificateProjection | None = None
    secret: SecretProjection | None = None
    service_account_token: ServiceAccountTokenProjection | None = None


class VolumeResourceRequirements(Base, frozen=True, kw_only=True):
    limits: dict[str, Quantity] | None = None
    requests: dict[str, Quantity] | None = None


class VsphereVirtualDiskVolumeSource(Base, frozen=True, kw_only=True):
    fs_type: str | None = None
    storage_policy_id: str | None = field(name="storagePolicyID", default=None)
    storage_policy_name: str | None = None
    volume_path: str | None = None


class WeightedPodAffinityTerm(Base, frozen=True, kw_only=True):
    pod_affinity_term: PodAffinityTerm | None = None
    weight: int | None = None


class WindowsSecurityContextOptions(Base, frozen=True, kw_only=True):
    gmsa_credential_spec: str | None = None
    gmsa_credential_spec_name: str | None = None
    host_process: bool | None = None
    run_as_user_name: str | None = None


class Workflow(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: WorkflowSpec | None = None
    status: WorkflowStatus | None = None


class WorkflowEventBinding(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: WorkflowEventBindingSpec | None = None


class WorkflowEventBindingSpec(Base, frozen=True, kw_only=True):
    event: Event | None = None
    submit: Submit | None = None


class WorkflowLevelArtifactGC(Base, frozen=True, kw_only=True):
    force_finalizer_removal: bool | None = None
    pod_metadata: Metadata | None = None
    pod_spec_patch: str | None = None
    service_account_name: str | None = None
    strategy: str | None = None


class WorkflowMetadata(Base, frozen=True, kw_only=True):
    annotations: dict[str, str] | None = None
    labels: dict[str, str] | None = None
    labels_from: dict[str, LabelValueFrom] | None = None


class WorkflowSpec(Base, frozen=True, kw_only=True):
    active_deadline_seconds: int | None = None
    affinity: Affinity | None = None
    archive_logs: bool | None = None
    arguments: Arguments | None = None
    artifact_gc: WorkflowLevelArtifactGC | None = field(name="artifactGC", default=None)
    artifact_repository_ref: ArtifactRepositoryRef | None = None
    automount_service_account_token: bool | None = None
    dns_config: PodDNSConfig | None = None
    dns_policy: str | None = None
    entrypoint: str | None = None
    executor: ExecutorConfig | None = None
    executor_plugins: list[ExecutorPlugin] | None = None
    hooks: dict[str, LifecycleHook] | None = None
    host_aliases: list[HostAlias] | None = None
    host_network: bool | None = None
    image_pull_secrets: list[LocalObjectReference] | None = None
    metrics: Metrics | None = None
    node_selector: dict[str, str] | None = None
    on_exit: str | None = None
    parallelism: int | None = None
    pod_disruption_budget: PodDisruptionBudgetSpec | None = None
    pod_gc: PodGC | None = field(name="podGC", default=None)
    pod_metadata: Metadata | None = None
    pod_priority_class_name: str | None = None
    pod_resources: ResourceRequirements | None = None
    pod_spec_patch: str | None = None
    priority: int | None = None
    resource_claims: list[PodResourceClaim] | None = None
    retry_strategy: RetryStrategy | None = None
    scheduler_name: str | None = None
    security_context: PodSecurityContext | None = None
    service_account_name: str | None = None
    shutdown: str | None = None
    suspend: bool | None = None
    synchronization: Synchronization | None = None
    template_defaults: Template | None = None
    templates: list[Template] | None = None
    tolerations: list[Toleration] | None = None
    ttl_strategy: TTLStrategy | None = None
    volume_claim_gc: VolumeClaimGC | None = field(name="volumeClaimGC", default=None)
    volume_claim_templates: list[PersistentVolumeClaim] | None = None
    volumes: list[Volume] | None = None
    workflow_metadata: WorkflowMetadata | None = None
    workflow_template_ref: WorkflowTemplateRef | None = None


class WorkflowStatus(Base, frozen=True, kw_only=True):
    artifact_gc_status: ArtGCStatus | None = field(name="artifactGCStatus", default=None)
    artifact_repository_ref: ArtifactRepositoryRefStatus | None = None
    compressed_nodes: str | None = None
    conditions: list[Condition] | None = None
    estimated_duration: int | None = None
    finished_at: str | None = None
    message: str | None = None
    nodes: dict[str, NodeStatus] | None = None
    offload_node_status_version: str | None = None
    outputs: Outputs | None = None
    persistent_volume_claims: list[Volume] | None = None
    phase: str | None = None
    progress: str | None = None
    resources_duration: dict[str, int] | None = None
    started_at: str | None = None
    stored_templates: dict[str, Template] | None = None
    stored_workflow_template_spec: WorkflowSpec | None = None
    synchronization: SynchronizationStatus | None = None
    task_results_completion_status: dict[str, bool] | None = None


class WorkflowStep(Base, frozen=True, kw_only=True):
    arguments: Arguments | None = None
    continue_on: ContinueOn | None = None
    hooks: dict[str, LifecycleHook] | None = None
    inline: Template | None = None
    name: str | None = None
    on_exit: str | None = None
    template: str | None = None
    template_ref: TemplateRef | None = None
    when: str | None = None
    with_items: list[Item] | None = None
    with_param: str | None = None
    with_sequence: Sequence | None = None


class WorkflowTemplate(Base, frozen=True, kw_only=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: WorkflowSpec | None = None


class WorkflowTemplateRef(Base, frozen=True, kw_only=True):
    cluster_scope: bool | None = None
    name: str | None = None


class ZipStrategy(Base, frozen=True, kw_only=True):
    pass
