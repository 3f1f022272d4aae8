package dev.slipway.actor.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Timestamps;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// Writes what is known of this host as a Node. Pure.
///
/// Pressure begins where a resource runs short and ends a tenth later, so that a host at the border does not write at
/// each look.
final class NodeRenderer {
    /// How many ports a bridge has, and so pods with a network of their own.
    /// @spec https://github.com/torvalds/linux/blob/master/net/bridge/br_private.h BR_PORT_BITS
    private static final int MOST_PODS = 1023;

    private static final long LEAST_MEMORY_BYTES = 100L << 20;
    private static final double LEAST_DISK = 0.10;
    private static final double LEAST_INODES = 0.05;
    private static final double LEAST_TASKS = 0.10;
    private static final double RELIEF = 1.1;
    private static final int KIB = 1024;

    private NodeRenderer() {}

    /// The object when it is made.
    static ObjectNode node(String name, HostFacts host) {
        ObjectNode node = ObjectCodec.json().createObjectNode();
        node.put("apiVersion", "v1").put("kind", "Node");
        ObjectNode labels = node.putObject("metadata").put("name", name).putObject("labels");
        labels(host, name).properties().forEach(label -> labels.set(label.getKey(), label.getValue()));
        node.putObject("spec").put("providerID", "slipway://" + name);
        return node;
    }

    /// The labels by which others tell hosts apart.
    static ObjectNode labels(HostFacts host, String name) {
        return ObjectCodec.json()
                .createObjectNode()
                .put("kubernetes.io/hostname", name)
                .put("kubernetes.io/os", "linux")
                .put("kubernetes.io/arch", host.system().architecture());
    }

    /// @param before the status that is stored; its times stay where nothing changed
    static ObjectNode status(JsonNode before, HostFacts host, NodeSettings settings, Instant now) {
        ObjectNode status = ObjectCodec.json().createObjectNode();
        ObjectNode capacity = resources(host.resources());
        status.set("capacity", capacity);
        // Nothing is set aside: the engine takes little, and memory that its containers want is theirs.
        status.set("allocatable", capacity.deepCopy());
        conditions(status, before, host, settings, now);
        ArrayNode addresses = status.putArray("addresses");
        addresses.addObject().put("type", "InternalIP").put("address", host.address());
        addresses.addObject().put("type", "Hostname").put("address", host.name());
        status.set("nodeInfo", info(host.system(), settings));
        return status;
    }

    private static ObjectNode resources(HostFacts.Resources host) {
        return ObjectCodec.json()
                .createObjectNode()
                .put("cpu", Integer.toString(host.cpus()))
                .put("memory", host.memoryBytes() / KIB + "Ki")
                .put("ephemeral-storage", host.diskBytes() / KIB + "Ki")
                .put("pods", Integer.toString(MOST_PODS));
    }

    private static ObjectNode info(HostFacts.System system, NodeSettings settings) {
        return ObjectCodec.json()
                .createObjectNode()
                .put("machineID", system.machineId())
                .put("systemUUID", system.systemUuid())
                .put("bootID", system.bootId())
                .put("kernelVersion", system.kernelVersion())
                .put("osImage", system.osImage())
                .put("containerRuntimeVersion", "slipway://" + settings.version())
                .put("kubeletVersion", settings.kubeletVersion())
                .put("kubeProxyVersion", "")
                .put("operatingSystem", "linux")
                .put("architecture", system.architecture());
    }

    private static void conditions(
            ObjectNode status, JsonNode before, HostFacts facts, NodeSettings settings, Instant now) {
        HostFacts.Resources host = facts.resources();
        Conditioning conditions = new Conditioning(status.putArray("conditions"), before, now);
        conditions.pressure(Pressure.MEMORY, new Stock("memory", host.freeMemoryBytes(), LEAST_MEMORY_BYTES));
        HostFacts.Inodes inodes = host.inodes();
        conditions.pressure(
                Pressure.DISK,
                new Stock("disk space", host.freeDiskBytes(), (long) (host.diskBytes() * LEAST_DISK)),
                new Stock("inodes", inodes.free(), (long) (inodes.all() * LEAST_INODES)));
        conditions.pressure(Pressure.PID, new Stock("PID", host.mostTasks() - host.tasks(), (long)
                (host.mostTasks() * LEAST_TASKS)));
        // Beside those of the kubelet only what is wrong is told, as node-problem-detector does.
        settings.openDevices()
                .ifPresent(why -> conditions.add(
                        "DeviceListNotEnforced",
                        true,
                        "NoDeviceControl",
                        "containers are held to no list of devices: " + why));
        facts.networkFault().ifPresent(fault -> conditions.add("NetworkUnavailable", true, "ForwardingBlocked", fault));
        conditions.add("Ready", true, "KubeletReady", "slipway runs pods");
    }

    /// Reasons and messages are the kubelet's, because people and tools know them.
    private enum Pressure {
        MEMORY("MemoryPressure", "KubeletHasSufficientMemory", "KubeletHasInsufficientMemory"),
        DISK("DiskPressure", "KubeletHasNoDiskPressure", "KubeletHasDiskPressure"),
        PID("PIDPressure", "KubeletHasSufficientPID", "KubeletHasInsufficientPID");

        private final String type;
        private final String enough;
        private final String tooLittle;

        Pressure(String type, String enough, String tooLittle) {
            this.type = type;
            this.enough = enough;
            this.tooLittle = tooLittle;
        }
    }

    /// @param left of something, of which at least `least` should be
    private record Stock(String what, long left, long least) {
        boolean isShort(boolean was) {
            return left < (was ? (long) (least * RELIEF) : least);
        }
    }

    /// @param before the status that is stored
    private record Conditioning(ArrayNode conditions, JsonNode before, Instant now) {
        /// Of the first that is short, or of the first.
        void pressure(Pressure pressure, Stock... stocks) {
            boolean was = Conditions.isTrue(before, pressure.type);
            Optional<Stock> scarce =
                    Stream.of(stocks).filter(stock -> stock.isShort(was)).findFirst();
            add(
                    pressure.type,
                    scarce.isPresent(),
                    scarce.isPresent() ? pressure.tooLittle : pressure.enough,
                    "host has %s %s available"
                            .formatted(
                                    scarce.isPresent() ? "insufficient" : "sufficient",
                                    scarce.orElse(stocks[0]).what()));
        }

        /// The time of the heartbeat is that of the last change.
        void add(String type, boolean isTrue, String reason, String message) {
            String text = isTrue ? "True" : "False";
            String since = Timestamps.seconds(now);
            for (JsonNode known : before.path("conditions")) {
                boolean isSame = known.path("type").asText().equals(type)
                        && known.path("status").asText().equals(text);
                since = isSame ? known.path("lastTransitionTime").asText(since) : since;
            }
            conditions
                    .addObject()
                    .put("type", type)
                    .put("status", text)
                    .put("lastHeartbeatTime", since)
                    .put("lastTransitionTime", since)
                    .put("reason", reason)
                    .put("message", message);
        }
    }
}
