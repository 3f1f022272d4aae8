package dev.slipway.engine.shim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.launch.Stdio;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// A process as a file, so that further ones can be started like it by whichever engine runs then.
final class ProcessFile {
    private static final JsonMapper MAPPER = new JsonMapper();

    private ProcessFile() {}

    static byte[] write(ProcessSpec process) throws IOException {
        ObjectNode node = MAPPER.createObjectNode();
        texts(node, "argv", process.argv());
        texts(node, "env", process.env());
        node.put("cwd", process.cwd());
        node.put("uid", process.identity().uid());
        node.put("gid", process.identity().gid());
        ArrayNode groups = node.putArray("groups");
        process.identity().groups().forEach(groups::add);
        texts(
                node,
                "capabilities",
                process.privileges().capabilities().stream().map(Enum::name).toList());
        texts(
                node,
                "ambient",
                process.privileges().ambient().stream().map(Enum::name).toList());
        node.put("noNewPrivileges", process.privileges().noNewPrivileges());
        switch (process.privileges().seccomp()) {
            case SeccompProfile.Unconfined unconfined -> node.put("seccomp", "UNCONFINED");
            case SeccompProfile.RuntimeDefault standard -> node.put("seccomp", "RUNTIME_DEFAULT");
            case SeccompProfile.Compiled compiled ->
                node.put("seccomp", "COMPILED").put("seccompProgram", compiled.program());
        }
        process.privileges().appArmor().ifPresent(profile -> node.put("appArmor", profile));
        ArrayNode limits = node.putArray("limits");
        process.limits().forEach(limit -> limits.addObject()
                .put("resource", limit.resource().name())
                .put("soft", limit.soft())
                .put("hard", limit.hard()));
        node.put("umask", process.umask());
        node.put("oomScoreAdj", process.oomScoreAdj());
        node.put("stdin", process.stdio().stdin());
        node.put("stdinOnce", process.stdio().stdinOnce());
        node.put("terminal", process.stdio().terminal());
        return MAPPER.writeValueAsBytes(node);
    }

    /// @throws IllegalArgumentException when the file is of another engine's form
    static ProcessSpec read(byte[] json) throws IOException {
        JsonNode node = MAPPER.readTree(json);
        return new ProcessSpec(
                list(node, "argv", JsonNode::asText),
                list(node, "env", JsonNode::asText),
                node.required("cwd").asText(),
                new Identity(
                        node.required("uid").asInt(),
                        node.required("gid").asInt(),
                        list(node, "groups", JsonNode::asInt)),
                new Privileges(
                        capabilities(node.required("capabilities")),
                        // An engine before this one wrote none.
                        capabilities(node.path("ambient")),
                        node.required("noNewPrivileges").asBoolean(),
                        seccomp(node),
                        Optional.ofNullable(node.get("appArmor")).map(JsonNode::asText)),
                list(node, "limits", ProcessFile::limit),
                node.required("umask").asInt(),
                node.required("oomScoreAdj").asInt(),
                new Stdio(
                        node.required("stdin").asBoolean(),
                        node.required("stdinOnce").asBoolean(),
                        node.required("terminal").asBoolean()));
    }

    private static SeccompProfile seccomp(JsonNode node) {
        String name = node.required("seccomp").asText();
        return switch (name) {
            case "UNCONFINED" -> SeccompProfile.UNCONFINED;
            case "RUNTIME_DEFAULT" -> SeccompProfile.RUNTIME_DEFAULT;
            case "COMPILED" ->
                new SeccompProfile.Compiled(node.required("seccompProgram").asText());
            default -> throw new IllegalArgumentException("unknown seccomp profile: " + name);
        };
    }

    private static Set<Capability> capabilities(JsonNode names) {
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        names.forEach(name -> capabilities.add(Capability.valueOf(name.asText())));
        return capabilities;
    }

    private static ResourceLimit limit(JsonNode node) {
        return new ResourceLimit(
                ResourceLimit.Resource.valueOf(node.required("resource").asText()),
                node.required("soft").asLong(),
                node.required("hard").asLong());
    }

    private static void texts(ObjectNode node, String member, List<String> texts) {
        ArrayNode array = node.putArray(member);
        texts.forEach(array::add);
    }

    private static <T> List<T> list(JsonNode node, String member, Function<JsonNode, T> form) {
        List<T> list = new ArrayList<>();
        node.required(member).forEach(each -> list.add(form.apply(each)));
        return list;
    }
}
