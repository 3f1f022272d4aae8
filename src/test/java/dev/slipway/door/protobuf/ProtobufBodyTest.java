package dev.slipway.door.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.slipway.desired.meta.ObjectCodec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.kubernetes.client.proto.IntStr.IntOrString;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Meta.ObjectMeta;
import io.kubernetes.client.proto.Meta.Time;
import io.kubernetes.client.proto.Resource.Quantity;
import io.kubernetes.client.proto.Runtime.TypeMeta;
import io.kubernetes.client.proto.Runtime.Unknown;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtobufBodyTest {
    private final ProtobufBody body = new ProtobufBody();

    @Test
    void a_secret_keeps_its_bytes_as_base64() throws IOException {
        V1.Secret secret = V1.Secret.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setName("token").setNamespace("default"))
                .putData("key", ByteString.copyFromUtf8("value"))
                .putData("empty", ByteString.EMPTY)
                .setType("helm.sh/release.v1")
                .build();

        assertJson("""
                {"apiVersion":"v1","kind":"Secret","metadata":{"name":"token","namespace":"default"},
                 "data":{"key":"dmFsdWU=","empty":""},"type":"helm.sh/release.v1"}""", decode("v1", "Secret", secret));
    }

    @Test
    void zeros_that_go_always_writes_are_dropped_and_pointers_to_zero_are_kept() throws IOException {
        V1Apps.Deployment deployment = V1Apps.Deployment.newBuilder()
                .setMetadata(ObjectMeta.newBuilder()
                        .setName("web")
                        .setNamespace("")
                        .setGenerateName("")
                        .setGeneration(0)
                        .setCreationTimestamp(Time.newBuilder()))
                .setSpec(V1Apps.DeploymentSpec.newBuilder()
                        .setReplicas(0)
                        .setMinReadySeconds(0)
                        .setPaused(false)
                        .setStrategy(V1Apps.DeploymentStrategy.newBuilder().setType(""))
                        .setTemplate(V1.PodTemplateSpec.newBuilder()
                                .setSpec(V1.PodSpec.newBuilder()
                                        .setHostNetwork(false)
                                        .setAutomountServiceAccountToken(false)
                                        .setSecurityContext(V1.PodSecurityContext.newBuilder()
                                                .setRunAsUser(0)))))
                .setStatus(V1Apps.DeploymentStatus.newBuilder().setReplicas(0))
                .build();

        assertJson("""
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":0,
                 "template":{"spec":{"automountServiceAccountToken":false,"securityContext":{"runAsUser":0}}}}}""", decode("apps/v1", "Deployment", deployment));
    }

    @Test
    void embedded_structs_lend_their_fields_to_the_message_around_them() throws IOException {
        V1.PodSpec spec = V1.PodSpec.newBuilder()
                .addVolumes(V1.Volume.newBuilder()
                        .setName("scratch")
                        .setVolumeSource(
                                V1.VolumeSource.newBuilder().setEmptyDir(V1.EmptyDirVolumeSource.newBuilder())))
                .addContainers(V1.Container.newBuilder()
                        .setName("c")
                        .setLivenessProbe(V1.Probe.newBuilder()
                                .setHandler(V1.ProbeHandler.newBuilder()
                                        .setHttpGet(
                                                V1.HTTPGetAction.newBuilder().setPort(port("web"))))
                                .setPeriodSeconds(5))
                        .setResources(V1.ResourceRequirements.newBuilder()
                                .putLimits(
                                        "memory",
                                        Quantity.newBuilder().setString("64Mi").build()))
                        .addEnvFrom(V1.EnvFromSource.newBuilder()
                                .setConfigMapRef(V1.ConfigMapEnvSource.newBuilder()
                                        .setLocalObjectReference(V1.LocalObjectReference.newBuilder()
                                                .setName("settings")))))
                .build();
        V1.Pod pod = V1.Pod.newBuilder().setSpec(spec).build();

        assertJson("""
                {"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"scratch","emptyDir":{}}],
                 "containers":[{"name":"c","livenessProbe":{"httpGet":{"port":"web"},"periodSeconds":5},
                 "resources":{"limits":{"memory":"64Mi"}},
                 "envFrom":[{"configMapRef":{"name":"settings"}}]}]}}""", decode("v1", "Pod", pod));
    }

    @Test
    void times_are_written_as_kubernetes_prints_them() throws IOException {
        ObjectMeta meta = ObjectMeta.newBuilder()
                .setCreationTimestamp(
                        Time.newBuilder().setSeconds(1_700_000_000).setNanos(999))
                .build();

        JsonNode pod = decode("v1", "Pod", V1.Pod.newBuilder().setMetadata(meta).build());

        assertEquals(
                "2023-11-14T22:13:20Z", pod.at("/metadata/creationTimestamp").asText());
    }

    @Test
    void delete_options_are_found_under_the_group_of_the_objects() throws IOException {
        Meta.DeleteOptions options = Meta.DeleteOptions.newBuilder()
                .setGracePeriodSeconds(0)
                .setPropagationPolicy("Background")
                .build();

        assertEquals(
                "Background",
                decode("apps/v1", "DeleteOptions", options)
                        .path("propagationPolicy")
                        .asText());
        assertTrue(decode("v1", "DeleteOptions", options).has("gracePeriodSeconds"));
    }

    @Test
    void a_map_of_lists_becomes_plain_json() throws IOException {
        V1Authentication.TokenReview review = V1Authentication.TokenReview.newBuilder()
                .setStatus(V1Authentication.TokenReviewStatus.newBuilder()
                        .setUser(V1Authentication.UserInfo.newBuilder()
                                .putExtra(
                                        "scope",
                                        V1Authentication.ExtraValue.newBuilder()
                                                .addItems("a")
                                                .build())))
                .build();

        assertEquals(
                "[\"a\"]",
                decode("authentication.k8s.io/v1", "TokenReview", review)
                        .at("/status/user/extra/scope")
                        .toString());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Pod.class,
                Secret.class,
                ConfigMap.class,
                Namespace.class,
                Service.class,
                ServiceAccount.class,
                PersistentVolumeClaim.class
            })
    void every_field_has_the_name_that_the_model_class_has(Class<? extends HasMetadata> type) throws IOException {
        Descriptor message = MessageTableTest.messages()
                .filter(candidate -> MessageTableTest.name(candidate).equals("core.v1." + type.getSimpleName()))
                .findFirst()
                .orElseThrow();

        JsonNode decoded = decode("v1", type.getSimpleName(), filled(message, 0));

        ObjectReader strict =
                ObjectCodec.json().readerFor(type).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        JsonNode back = ObjectCodec.toTree(strict.readValue(decoded));
        assertEquals(List.of(), lost("", decoded, back));
    }

    @Test
    void a_message_that_is_not_in_the_table_is_refused_by_name() {
        MalformedProtobufException error = assertThrows(
                MalformedProtobufException.class,
                () -> decode("example.com/v1", "Widget", V1.Pod.getDefaultInstance()));

        assertTrue(error.getMessage().contains("example.com/v1 Widget"), error.getMessage());
    }

    @Test
    void damaged_bytes_are_refused_and_never_break_the_reader() throws IOException {
        V1.Secret secret = V1.Secret.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setName("a").putLabels("x", "y"))
                .putData("key", ByteString.copyFromUtf8("value"))
                .build();
        byte[] good = envelope("v1", "Secret", secret);
        Random random = new Random(7);
        int refused = 0;

        for (int i = 0; i < 5000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            try {
                body.decode(bad);
            } catch (MalformedProtobufException e) {
                refused++;
            }
        }

        assertTrue(refused > 1000, "only " + refused + " of 5000 damaged bodies were refused");
        for (int length = 0; length < 4; length++) {
            byte[] cut = java.util.Arrays.copyOf(good, length);
            assertThrows(MalformedProtobufException.class, () -> body.decode(cut));
        }
    }

    private static IntOrString.Builder port(String name) {
        return IntOrString.newBuilder().setType(1).setStrVal(name);
    }

    private static void assertJson(String expected, JsonNode actual) throws IOException {
        assertEquals(ObjectCodec.json().readTree(expected), actual);
    }

    private JsonNode decode(String apiVersion, String kind, Message message) throws IOException {
        return body.decode(envelope(apiVersion, kind, message));
    }

    private static byte[] envelope(String apiVersion, String kind, Message message) {
        Unknown unknown = Unknown.newBuilder()
                .setTypeMeta(TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
                .setRaw(message.toByteString())
                .build();
        return ByteString.copyFrom(new byte[] {'k', '8', 's', 0})
                .concat(unknown.toByteString())
                .toByteArray();
    }

    /// A message with something in every field, and in every field of those.
    private static Message filled(Descriptor descriptor, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(descriptor);
        for (FieldDescriptor field : descriptor.getFields()) {
            if (field.isRepeated()) {
                message.addRepeatedField(field, sample(field, depth));
            } else {
                message.setField(field, sample(field, depth));
            }
        }
        return message.build();
    }

    private static Object sample(FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case STRING -> "1";
            case BYTE_STRING ->
                field.getContainingType().getName().equals("FieldsV1")
                        ? ByteString.copyFromUtf8("{}")
                        : ByteString.copyFromUtf8("b");
            case BOOLEAN -> true;
            case INT -> 1;
            case LONG -> 1L;
            case DOUBLE -> 1.0;
            case MESSAGE -> filled(field.getMessageType(), depth + 1);
            case FLOAT, ENUM -> throw new IllegalStateException(field.toString());
        };
    }

    /// The paths that are in `before` and not in `after`: names that the model class does not know.
    private static List<String> lost(String path, JsonNode before, JsonNode after) {
        List<String> lost = new ArrayList<>();
        if (after.isMissingNode()) {
            return List.of(path);
        }
        before.properties()
                .forEach(field ->
                        lost.addAll(lost(path + "/" + field.getKey(), field.getValue(), after.path(field.getKey()))));
        for (int i = 0; i < before.size() && before.isArray(); i++) {
            lost.addAll(lost(path + "/" + i, before.get(i), after.path(i)));
        }
        return lost;
    }
}
