package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.CopyUp;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.Security.AppArmor;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.Resources;
import dev.slipway.engine.volume.ManagedVolumes.Owners;
import dev.slipway.engine.volume.ManagedVolumes.Root;
import dev.slipway.engine.volume.VolumeGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ContainersTest {
    private final ResolveRig rig = new ResolveRig()
            .with("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {one: eins, two: zwei}}")
            .with("{apiVersion: v1, kind: Secret, metadata: {name: keys}, stringData: {pin: '1234', one: uno}}");

    @Test
    void variables_come_from_everywhere_in_order_and_may_use_those_before() throws Exception {
        ContainerRequest request = rig.container("""
                containers:
                - name: main
                  image: a
                  envFrom: [{prefix: W_, configMapRef: {name: words}}, {configMapRef: {name: words}}, {secretRef: {name: keys}}]
                  env:
                  - {name: PIN, valueFrom: {secretKeyRef: {name: keys, key: pin}}}
                  - {name: BOTH, value: "$(W_two)-$(PIN)-$(LATER)"}
                  - {name: LATER, value: later}
                  - {name: two, value: mine}
                """);

        assertEquals(
                List.of(
                        "W_one=eins",
                        "W_two=zwei",
                        "one=uno",
                        "two=mine",
                        "pin=1234",
                        "PIN=1234",
                        "BOTH=zwei-1234-$(LATER)",
                        "LATER=later"),
                request.env());
    }

    @Test
    void command_and_arguments_use_the_variables() throws Exception {
        ContainerRequest request = rig.container("""
                containers:
                - {name: main, image: a, command: [run, $(NAME)], args: ["$$(NAME)"], env: [{name: NAME, value: x}]}
                """);

        assertEquals(List.of("run", "x"), request.command());
        assertEquals(List.of("$(NAME)"), request.args());
    }

    @Test
    void fields_of_the_pod_and_limits_are_variables() throws Exception {
        ContainerRequest request = rig.container("""
                containers:
                - name: main
                  image: a
                  resources: {limits: {memory: 64Mi}, requests: {cpu: 250m}}
                  env:
                  - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                  - {name: SPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                  - {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
                  - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['a']"}}}
                  - {name: NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
                  - {name: NONE, valueFrom: {fieldRef: {fieldPath: "metadata.labels['none']"}}}
                  - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                  - {name: ACCOUNT, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}
                  - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
                  - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                  - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
                  - {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu}}}
                  - {name: MILLIS, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}
                  - {name: CPUS, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
                """);

        assertEquals(
                List.of(
                        "NAME=web",
                        "SPACE=shop",
                        "UID=u-1",
                        "LABEL=one",
                        "NOTE=say \"hi\"",
                        "NONE=",
                        "NODE=host-a",
                        "ACCOUNT=default",
                        "HOST=192.0.2.1",
                        "IP=10.88.0.7",
                        "MEMORY=64",
                        "CPU=1",
                        "MILLIS=250",
                        "CPUS=4"),
                request.env());
    }

    @Test
    void what_is_missing_is_said_in_the_kubelets_words() {
        assertEquals("configmap \"none\" not found", missing("configMapKeyRef: {name: none, key: a}"));
        assertEquals("secret \"none\" not found", missing("secretKeyRef: {name: none, key: a}"));
        assertEquals(
                "couldn't find key none in ConfigMap shop/words", missing("configMapKeyRef: {name: words, key: none}"));
        assertEquals("couldn't find key none in Secret shop/keys", missing("secretKeyRef: {name: keys, key: none}"));
    }

    @Test
    void what_is_optional_may_be_missing() throws Exception {
        ContainerRequest request = rig.container("""
                containers:
                - name: main
                  image: a
                  envFrom: [{configMapRef: {name: none, optional: true}}, {secretRef: {name: none, optional: true}}]
                  env:
                  - {name: A, valueFrom: {configMapKeyRef: {name: none, key: a, optional: true}}}
                  - {name: B, valueFrom: {secretKeyRef: {name: keys, key: none, optional: true}}}
                """);

        assertEquals(List.of(), request.env());
    }

    @Test
    void volumes_that_the_pod_names_begin_with_what_the_image_has() throws Exception {
        rig.with("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: plain}}")
                .with(
                        "{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: own}, spec: {ownership: {uid: 7}}}")
                .with("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: copy},"
                        + " spec: {populate: {fromVolume: {name: plain}}}}")
                .with("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: host},"
                        + " spec: {hostPath: {path: /srv}}}");

        ContainerRequest request = rig.container(Map.of(PodAnnotations.COPY_UP, "a, b,c,d,e"), """
                volumes:
                - {name: a, persistentVolumeClaim: {claimName: plain}}
                - {name: b, persistentVolumeClaim: {claimName: own}}
                - {name: c, persistentVolumeClaim: {claimName: copy}}
                - {name: d, persistentVolumeClaim: {claimName: host}}
                - {name: e, emptyDir: {}}
                - {name: f, persistentVolumeClaim: {claimName: plain}}
                containers:
                - name: main
                  image: a
                  volumeMounts:
                  - {name: a, mountPath: /a}
                  - {name: a, mountPath: /part, subPath: part}
                  - {name: b, mountPath: /b}
                  - {name: c, mountPath: /c}
                  - {name: d, mountPath: /d}
                  - {name: e, mountPath: /e}
                  - {name: f, mountPath: /f}
                """);

        assertEquals(
                List.of(
                        new CopyUp("shop.plain", "/a", Owners.OF_IMAGE),
                        new CopyUp("shop.own", "/b", new Owners(Root.KEPT, Optional.empty()))),
                request.copyUps());
    }

    @Test
    void they_are_the_groups_of_the_pod_and_filled_for_its_first_attempt_alone() throws Exception {
        rig.with("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: plain}}");
        String spec = """
                securityContext: {fsGroup: 2000}
                volumes: [{name: a, persistentVolumeClaim: {claimName: plain}}]
                containers: [{name: main, image: a, volumeMounts: [{name: a, mountPath: /a}]}]
                """;

        List<CopyUp> first =
                rig.container(Map.of(PodAnnotations.COPY_UP, "a"), spec).copyUps();

        assertEquals(
                Optional.of(new VolumeGroup(2000, VolumeGroup.ChangePolicy.ALWAYS)),
                first.getFirst().owners().group());
        assertEquals(
                List.of(),
                rig.container(Map.of(PodAnnotations.COPY_UP, "a"), spec, 1).copyUps());
    }

    @Test
    void the_containers_security_wins_over_the_pods() throws Exception {
        Security security = rig.container("""
                        securityContext:
                          runAsUser: 1000
                          runAsGroup: 1001
                          runAsNonRoot: true
                          supplementalGroups: [5, 6]
                          supplementalGroupsPolicy: Strict
                          fsGroup: 7
                          seccompProfile: {type: Unconfined}
                        containers:
                        - name: main
                          image: a
                          securityContext:
                            runAsUser: 2000
                            runAsNonRoot: false
                            allowPrivilegeEscalation: false
                            readOnlyRootFilesystem: true
                            capabilities: {add: [NET_ADMIN], drop: [ALL]}
                            seccompProfile: {type: RuntimeDefault}
                        """).security();

        assertEquals(
                new Security(
                        Optional.of(2000L),
                        Optional.of(1001L),
                        false,
                        List.of(5L, 6L, 7L),
                        false,
                        false,
                        true,
                        List.of("NET_ADMIN"),
                        List.of("ALL"),
                        Security.Seccomp.RUNTIME_DEFAULT,
                        false,
                        true),
                security);
        assertEquals(
                Security.STANDARD,
                rig.container("containers: [{name: main, image: a}]").security());
        assertEquals(
                Security.Seccomp.UNCONFINED,
                rig.container("containers: [{name: main, image: a, securityContext: {privileged: true}}]")
                        .security()
                        .seccomp());
        assertEquals(
                new Security.Seccomp.Localhost("strict/web.json"),
                rig.container("containers: [{name: main, image: a, securityContext: {seccompProfile:"
                                + " {type: Localhost, localhostProfile: strict/web.json}}}]")
                        .security()
                        .seccomp());
    }

    @Test
    void an_app_armor_profile_is_the_containers_else_the_pods_and_a_privileged_container_has_none() throws Exception {
        assertEquals(
                AppArmor.RUNTIME_DEFAULT,
                appArmor("securityContext: {appArmorProfile: {type: RuntimeDefault}}", "securityContext: {}"));
        assertEquals(
                new AppArmor.Localhost("web"),
                appArmor(
                        "securityContext: {appArmorProfile: {type: RuntimeDefault}}",
                        "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: web}}"));
        assertEquals(
                AppArmor.UNCONFINED,
                appArmor("securityContext: {}", "securityContext: {appArmorProfile: {type: Unconfined}}"));
        assertEquals(AppArmor.WHERE_POSSIBLE, appArmor("securityContext: {}", "securityContext: {}"));
        assertEquals(
                AppArmor.UNCONFINED,
                appArmor(
                        "securityContext: {appArmorProfile: {type: RuntimeDefault}}",
                        "securityContext: {privileged: true}"));
    }

    private AppArmor appArmor(String pod, String container) throws Exception {
        return rig.container("%s\ncontainers: [{name: main, image: a, %s}]".formatted(pod, container))
                .security()
                .appArmor();
    }

    @Test
    void a_sidecar_is_not_killed_before_those_that_it_serves() throws Exception {
        int alone = rig.container("""
                        containers: [{name: main, image: a, resources: {requests: {memory: 4Gi}}}]
                        """).resources().oomScoreAdj();

        ApiObject pod = ResolveRig.pod("""
                initContainers:
                - {name: sidecar, image: a, restartPolicy: Always, resources: {requests: {memory: 1Mi}}}
                - {name: first, image: a, resources: {requests: {memory: 1Mi}}}
                containers: [{name: served, image: a, resources: {requests: {memory: 4Gi}}}]
                """);

        assertEquals(alone, score(pod, "/initContainers/0"));
        assertTrue(score(pod, "/initContainers/1") > alone);
    }

    private int score(ApiObject pod, String container) {
        return Containers.resources(rig.scope(pod), pod.spec().at(container)).oomScoreAdj();
    }

    @Test
    void what_few_ask_for_is_read_from_limits_too() throws Exception {
        var resources = rig.container("""
                        containers:
                        - name: main
                          image: a
                          resources:
                            limits: {slipway.dev/pids: 100, slipway.dev/swap: 1Mi, slipway.dev/io-weight: 500,
                              hugepages-2Mi: 4Mi, hugepages-1Gi: 1Gi}
                        """).resources();

        assertEquals(OptionalLong.of(100), resources.pidsLimit());
        assertEquals(
                new Resources.Rare(
                        OptionalLong.of(1 << 20),
                        OptionalInt.of(500),
                        Optional.empty(),
                        Map.of(2L << 20, 4L << 20, 1L << 30, 1L << 30),
                        List.of()),
                resources.rare());
    }

    @Test
    void limits_of_each_process_are_read_from_an_annotation() throws Exception {
        ApiObject pod = ResolveRig.pod("containers: [{name: main, image: a}]");
        pod.tree()
                .withObject("/metadata")
                .withObject("/annotations")
                .put(PodAnnotations.ULIMITS, "nofile=64:-1,core=0");

        var resources = Containers.resources(rig.scope(pod), pod.spec().at("/containers/0"));

        assertEquals(
                List.of(new Resources.Rare.OfProcess("NOFILE", 64, -1), new Resources.Rare.OfProcess("CORE", 0, 0)),
                resources.rare().ofProcess());
    }

    @Test
    void resources_are_rounded_up_to_whole_units() throws Exception {
        var resources = rig.container("""
                        containers:
                        - name: main
                          image: a
                          resources: {limits: {cpu: "1.5", memory: 1Gi}, requests: {cpu: 0.1, memory: 100M}}
                        """).resources();

        assertEquals(OptionalLong.of(1500), resources.cpuLimitMillis());
        assertEquals(OptionalLong.of(100), resources.cpuRequestMillis());
        assertEquals(OptionalLong.of(1L << 30), resources.memoryLimitBytes());
        assertEquals(OptionalLong.of(100_000_000), resources.memoryRequestBytes());
        assertEquals(989, resources.oomScoreAdj(), "less of a victim by what it asked for of 8Gi");
    }

    @Test
    void mounts_know_their_path_and_whether_they_can_be_written() throws Exception {
        ContainerRequest request = rig.container("""
                containers:
                - name: main
                  image: a
                  env: [{name: POD, value: web-0}]
                  volumeMounts:
                  - {name: d, mountPath: /d, subPathExpr: logs/$(POD)}
                  - {name: d, mountPath: relative, subPath: x, readOnly: true, mountPropagation: HostToContainer}
                  - {name: d, mountPath: /deep, readOnly: true, recursiveReadOnly: IfPossible}
                  - {name: d, mountPath: /flat, readOnly: true, recursiveReadOnly: Disabled}
                  - {name: c, mountPath: /c}
                volumes: [{name: d, emptyDir: {}}, {name: c, configMap: {name: words}}]
                """);

        assertEquals(
                List.of(
                        new VolumeMount("d", "/d", "logs/web-0", false, "None"),
                        new VolumeMount("d", "/relative", "x", true, "HostToContainer"),
                        new VolumeMount("d", "/deep", "", ContainerRequest.Access.RECURSIVE_READ_ONLY, "None"),
                        new VolumeMount("d", "/flat", "", true, "None"),
                        new VolumeMount("c", "/c", "", true, "None")),
                request.mounts());
    }

    private String missing(String source) {
        String spec = "containers: [{name: main, image: a, env: [{name: A, valueFrom: {%s}}]}]".formatted(source);
        return assertThrows(MissingReferenceException.class, () -> rig.container(spec))
                .words();
    }
}
