package dev.slipway.door.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.slipway.door.protobuf.MessageField.Shape;
import io.kubernetes.client.proto.IntStr;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Resource;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Certificates;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Events;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Node;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V2Autoscaling;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Generates the table of messages from the descriptors in Kubernetes' Java client, which only tests have, and holds
/// the committed resource to it. `pointers.txt` says which fields are pointers in Kubernetes' Go types: descriptors
/// do not know. `-Dgolden.write` rewrites the resource.
class MessageTableTest {
    private static final Path RESOURCE = Path.of("src/main/resources/dev/slipway/door/protobuf/messages.txt");

    /// Fields whose message lends its own fields to the message around it, as Go's embedded structs do.
    private static final Set<String> EMBEDDED = Set.of(
            "localObjectReference",
            "volumeSource",
            "persistentVolumeSource",
            "handler",
            "ephemeralContainerCommon",
            "ingressRuleValue",
            "rule",
            "ruleWithOperations");

    /// Names that differ between protobuf and JSON.
    private static final Map<String, String> RENAMED = Map.of(
            "uID", "uid", "aPIGroup", "apiGroup", "Webhooks", "webhooks", "Expression", "expression", "Name", "name");

    private static final Set<String> LISTS_OF_STRINGS = Set.of("ExtraValue", "Verbs");

    @Test
    void the_committed_table_is_what_the_descriptors_say() throws IOException {
        String table = table();

        if (System.getProperty("golden.write") != null) {
            Files.writeString(RESOURCE, table);
        }

        assertEquals(table, Files.readString(RESOURCE));
    }

    static Stream<Descriptor> messages() {
        return Stream.of(
                        V1.getDescriptor(),
                        Meta.getDescriptor(),
                        Resource.getDescriptor(),
                        IntStr.getDescriptor(),
                        Runtime.getDescriptor(),
                        V1Admissionregistration.getDescriptor(),
                        V1Apps.getDescriptor(),
                        V1Authentication.getDescriptor(),
                        V1Authorization.getDescriptor(),
                        V1Autoscaling.getDescriptor(),
                        V2Autoscaling.getDescriptor(),
                        V1Batch.getDescriptor(),
                        V1Certificates.getDescriptor(),
                        V1Coordination.getDescriptor(),
                        V1Discovery.getDescriptor(),
                        V1Events.getDescriptor(),
                        V1Networking.getDescriptor(),
                        V1Node.getDescriptor(),
                        V1Policy.getDescriptor(),
                        V1Rbac.getDescriptor(),
                        V1Scheduling.getDescriptor(),
                        V1Storage.getDescriptor())
                .flatMap(file -> file.getMessageTypes().stream());
    }

    static String name(Descriptor message) {
        String[] parts = message.getFullName().split("\\.");
        String version = parts[parts.length - 2];
        String group = version.matches("v\\d.*") ? parts[parts.length - 3] + "." : "";
        return group + version + "." + parts[parts.length - 1];
    }

    private static String table() throws IOException {
        Map<String, Set<String>> pointers = pointers();
        Map<String, String> lines = new TreeMap<>();
        messages().forEach(message -> {
            Set<String> own = pointers.getOrDefault(name(message), Set.of());
            lines.put(
                    name(message),
                    message.getFields().stream()
                            .map(field -> field(field, own).toString())
                            .collect(Collectors.joining(" ")));
        });
        return lines.entrySet().stream()
                .map(line -> line.getKey() + " " + line.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private static MessageField field(FieldDescriptor field, Set<String> pointers) {
        String name = RENAMED.getOrDefault(field.getName(), field.getName());
        if (field.isMapField()) {
            FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
            return new MessageField(field.getNumber(), name, Shape.MAP, type(value));
        }
        boolean isEmbedded = EMBEDDED.contains(name) && !field.isRepeated();
        Shape shape = field.isRepeated() ? Shape.LIST : pointers.contains(name) ? Shape.POINTER : Shape.PLAIN;
        return new MessageField(field.getNumber(), isEmbedded ? "" : name, shape, type(field));
    }

    private static String type(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING -> "string";
            case BYTE_STRING -> "bytes";
            case BOOLEAN -> "bool";
            case INT, LONG -> "int";
            case FLOAT, DOUBLE -> "float";
            case ENUM -> throw new IllegalStateException("Kubernetes has no enum on the wire: " + field);
            case MESSAGE ->
                LISTS_OF_STRINGS.contains(field.getMessageType().getName()) ? "strings" : name(field.getMessageType());
        };
    }

    private static Map<String, Set<String>> pointers() throws IOException {
        Map<String, Set<String>> pointers = new HashMap<>();
        try (InputStream resource =
                Objects.requireNonNull(MessageTableTest.class.getResourceAsStream("pointers.txt"))) {
            new String(resource.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .forEach(line -> {
                        List<String> words = Arrays.asList(line.split(" "));
                        pointers.put(words.getFirst(), new HashSet<>(words.subList(1, words.size())));
                    });
        }
        return pointers;
    }
}
