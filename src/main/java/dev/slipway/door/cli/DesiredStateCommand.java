package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.DeclaredBy;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.ServerRefusedException;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Named;
import dev.slipway.door.command.Resource;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `slipway pause|resume|stop|start NAME`: writes the desired state of a `Container`, of a pod that has no `Container`,
/// or of the pods of a Deployment, and leaves the doing to the engine.
@Command(name = "start", description = "Set the desired state of a container: Running.")
class DesiredStateCommand implements Callable<Integer> {
    private static final String MERGE = "application/merge-patch+json";

    /// `slipway resume`.
    @Command(name = "resume", description = "Set the desired state of a paused container: Running.")
    static final class Resume extends DesiredStateCommand {}

    /// `slipway stop`.
    @Command(name = "stop", description = "Set the desired state of a container: Stopped. Its layer is kept.")
    static final class Stop extends DesiredStateCommand {}

    /// `slipway pause`.
    @Command(name = "pause", description = "Set the desired state of a container: Paused. Its processes are frozen.")
    static final class Pause extends DesiredStateCommand {}

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private Connection connection = new Connection();

    @Parameters(
            paramLabel = "NAME",
            description = "A Container, a Pod or a Deployment; KIND/NAME where several are called so.")
    private String words = "";

    private String name = "";

    @Override
    public Integer call() throws IOException {
        Named named = Named.of(words);
        name = named.name();
        String state = stateOf(verb());
        EngineClient engine = connection.engine();
        boolean isAsked = named.mayBeContainer() && patchedContainer(engine, state)
                || named.mayBePod() && annotated(engine, Resource.PODS, state)
                || named.mayBeDeployment() && annotated(engine, Resource.DEPLOYMENTS, state);
        if (!isAsked) {
            throw new IOException(
                    "no Container, Pod or Deployment \"%s\" in namespace %s".formatted(words, connection.namespace()));
        }
        return 0;
    }

    /// @return false if there is no such Container
    private boolean patchedContainer(EngineClient engine, String state) throws IOException {
        Resource containers = new Resource("slipway.dev", "v1alpha1", "containers", "Container", true);
        try {
            warnIfDeclared(engine.json(containers.object(connection.namespace(), name)), state);
            String path = containers.object(connection.namespace(), name) + "/" + verb() + "?fieldManager=slipway-cli";
            engine.exchange("POST", path, EngineClient.Content.NONE);
            tell(containers);
            return true;
        } catch (ServerRefusedException e) {
            return orThrow(e);
        }
    }

    /// @return false if there is no such object
    private boolean annotated(EngineClient engine, Resource resource, String state) throws IOException {
        try {
            patch(
                    engine,
                    resource,
                    "{\"metadata\":{\"annotations\":{\"slipway.dev/desired-state\":\"%s\"}}}".formatted(state));
            return true;
        } catch (ServerRefusedException e) {
            return orThrow(e);
        }
    }

    private static boolean orThrow(ServerRefusedException refusal) throws ServerRefusedException {
        if (!refusal.isNotFound()) {
            throw refusal;
        }
        return false;
    }

    /// A manifest that says the state wins within a second: better told before than wondered about.
    private void warnIfDeclared(JsonNode container, String state) {
        if (container.path("spec").path("desiredState").asText().equals(state)) {
            return;
        }
        for (JsonNode manager : container.path("metadata").path("managedFields")) {
            Optional<String> sync = DeclaredBy.sync(manager);
            if (sync.isPresent()
                    && manager.at("/fieldsV1/f:spec/f:desiredState").isObject()) {
                System.err.println(
                        "Warning: a manifest declares the desiredState of %s (Sync %s) and sets it back; edit it there"
                                .formatted(name, sync.get()));
            }
        }
    }

    private void patch(EngineClient engine, Resource resource, String body) throws IOException {
        String path = resource.object(connection.namespace(), name) + "?fieldManager=slipway-cli";
        byte[] bytes = ObjectCodec.toBytes(ObjectCodec.json().readTree(body));
        engine.exchange("PATCH", path, EngineClient.Content.of(MERGE, bytes));
        tell(resource);
    }

    private void tell(Resource resource) {
        System.out.println(resource.words(name) + " " + verb() + ": asked");
    }

    private String verb() {
        return spec == null ? "start" : spec.name().toLowerCase(Locale.ROOT);
    }

    private static String stateOf(String verb) {
        return switch (verb) {
            case "stop" -> "Stopped";
            case "pause" -> "Paused";
            case "start", "resume" -> "Running";
            default -> throw new IllegalStateException("no desired state for verb " + verb);
        };
    }
}
