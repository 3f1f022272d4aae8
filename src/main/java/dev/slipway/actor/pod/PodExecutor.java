package dev.slipway.actor.pod;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.actor.pod.PodRound.Tools;
import dev.slipway.actor.pod.Preparation.Prepared;
import dev.slipway.actor.pod.WantedContainer.Role;
import dev.slipway.actor.probe.Check;
import dev.slipway.actor.probe.Farewells;
import dev.slipway.actor.probe.ProbeReader;
import dev.slipway.actor.resolve.Containers;
import dev.slipway.actor.resolve.MissingReferenceException;
import dev.slipway.actor.resolve.PodScope;
import dev.slipway.actor.resolve.Sandboxes;
import dev.slipway.actor.resolve.StopSignals;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.reconcile.Shortage.Service;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.PodState;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.runtime.StartOutcome;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Carries out what was decided about one pod, in order, and stops at the first failure of something that the
/// rest needs. A main container that cannot start holds up nobody. Used for one round.
final class PodExecutor {
    private static final Logger LOG = Logger.getLogger(PodExecutor.class);

    private final Tools tools;
    private final ObjectKey key;
    private final WantedPod wanted;
    private final PodMemory memory;
    private final PodEvents events;
    private final Preparation preparation;
    private final PodUid uid;
    private PodScope scope;

    private final Map<String, Verdict> changed = new HashMap<>();
    private @Nullable Waiting failure;
    private String hindrance = "";
    private Service service = Service.NONE;
    private boolean starts;

    PodExecutor(Tools tools, ObjectKey key, ApiObject pod, WantedPod wanted, PodMemory memory) {
        this.tools = tools;
        this.key = key;
        this.wanted = wanted;
        this.memory = memory;
        this.events = PodEvents.of(tools.recorder(), pod);
        this.preparation = new Preparation(tools, key, wanted, memory, events);
        this.uid = new PodUid(pod.uid());
        String address = sandbox().map(PodState.Sandbox::address).orElse("");
        this.scope = new PodScope(pod, tools.host(), tools.store()::get, address);
    }

    /// What became of a decision.
    ///
    /// @param verdicts as decided, but for containers that could not be started
    /// @param failure what went wrong with the pod as a whole
    /// @param service what the host gave for it
    record Carried(Map<String, Verdict> verdicts, Optional<Waiting> failure, Service service) {}

    Carried carryOut(Decision decision) throws InterruptedException {
        boolean goesOn = true;
        starts = decision.actions().stream().anyMatch(PodExecutor::starts);
        for (PodAction action : decision.actions()) {
            goesOn = goesOn && perform(action);
            if (!goesOn && action instanceof PodAction.Start start) {
                changed.putIfAbsent(start.container().name(), soon());
            }
        }
        Map<String, Verdict> verdicts = new HashMap<>(decision.verdicts());
        verdicts.putAll(changed);
        return new Carried(verdicts, Optional.ofNullable(failure), service);
    }

    private static boolean starts(PodAction action) {
        return action instanceof PodAction.Start || action instanceof PodAction.Create;
    }

    /// @return whether what follows may be done
    private boolean perform(PodAction action) throws InterruptedException {
        try {
            switch (action) {
                case PodAction.EnsureSandbox ensure -> {
                    return ensureSandbox();
                }
                case PodAction.Start start -> {
                    // The others wait for a container that initializes.
                    Role role = start.container().role();
                    return start(start) || role == Role.MAIN || role == Role.EPHEMERAL;
                }
                case PodAction.Create create -> create(create);
                case PodAction.Stop stop -> stop(stop);
                case PodAction.Resize resize -> {
                    return resize(resize.container());
                }
                case PodAction.Pause pause -> pause(pause.container());
                case PodAction.Resume resume -> resume(resume.container());
                case PodAction.RemoveAttempt old -> tools.runtime().remove(name(old.container()), old.attempt());
                case PodAction.RemovePod remove -> {
                    tools.care().prober().forget(uid);
                    tools.runtime().removePod(uid);
                    tools.images().forget(uid.value());
                    served();
                }
            }
            return true;
        } catch (IOException e) {
            service = Service.REFUSED;
            boolean isEnd = action instanceof PodAction.RemovePod || action instanceof PodAction.Stop;
            fail(isEnd ? Reason.FAILED_KILL_POD : Reason.FAILED_SYNC, String.valueOf(e.getMessage()));
            return false;
        }
    }

    /// What others have taken away of it is there again for whoever starts.
    private boolean ensureSandbox() throws InterruptedException {
        boolean exists = sandbox().isPresent();
        try {
            SandboxRequest request = sandboxRequest();
            memory.isNews("mount", "");
            if (exists && !starts && memory.isEnsured(request)) {
                return true;
            }
            if (!exists && Recorded.of(scope.pod()).values().stream().anyMatch(Recorded::hasRun)) {
                events.sandboxChanged();
            }
            if (!isMade(request)) {
                return false;
            }
            // A file may tell the pod's own address, which nobody knew before.
            SandboxRequest again = sandboxRequest();
            return again.equals(request) || isMade(again);
        } catch (MissingReferenceException e) {
            hindrance = e.words();
            if (memory.isNews("mount", e.words())) {
                events.mountFailed(e.words());
            }
            // What is mounted stays as it is; a pod that waits for it goes on when what is missing comes.
            return exists;
        }
    }

    private SandboxRequest sandboxRequest() throws MissingReferenceException {
        return new TerminationMessages(tools.runtime()).with(Sandboxes.request(scope));
    }

    private boolean isMade(SandboxRequest request) throws InterruptedException {
        String message;
        switch (tools.runtime().ensureSandbox(request)) {
            case SandboxOutcome.Ready ready -> {
                memory.ensured(request);
                scope = scope.at(ready.sandbox().address());
                served();
                return true;
            }
            case SandboxOutcome.Refused refused -> message = refused.message();
            case SandboxOutcome.Failed failed -> {
                service = Service.REFUSED;
                message = failed.message();
            }
        }
        hindrance = message;
        fail(Reason.FAILED_CREATE_POD_SAND_BOX, message);
        return false;
    }

    private boolean start(PodAction.Start start) throws IOException, InterruptedException {
        WantedContainer container = start.container();
        Prepared prepared = preparation.prepare(scope, container, start.attempt());
        if (!(prepared instanceof Prepared.Ready ready)) {
            return lacks(container, prepared);
        }
        return switch (tools.runtime().start(ready.request())) {
            case StartOutcome.Started started -> {
                memory.remember(memory.history().started(container.name(), start.streak()));
                events.created(container);
                events.started(container);
                served();
                yield true;
            }
            case StartOutcome.Refused refused ->
                refuse(container, Waiting.of(Reason.CREATE_CONTAINER_ERROR, refused.message()));
            case StartOutcome.NotExecuted program -> unexecuted(container, program.message());
            case StartOutcome.Unsupported unsupported ->
                refuse(container, Waiting.of(Reason.IDMAP_NOT_SUPPORTED, unsupported.message()));
            case StartOutcome.Failed failed -> {
                service = Service.REFUSED;
                yield refuse(container, Waiting.of(Reason.RUN_CONTAINER_ERROR, failed.message()));
            }
        };
    }

    private boolean create(PodAction.Create create) throws IOException, InterruptedException {
        WantedContainer container = create.container();
        Prepared prepared = preparation.prepare(scope, container, create.attempt());
        if (!(prepared instanceof Prepared.Ready ready)) {
            return lacks(container, prepared);
        }
        return switch (tools.runtime().create(ready.request())) {
            case StartOutcome.Started created -> {
                events.created(container);
                served();
                yield true;
            }
            case StartOutcome.Refused refused ->
                refuse(container, Waiting.of(Reason.CREATE_CONTAINER_ERROR, refused.message()));
            case StartOutcome.NotExecuted program -> unexecuted(container, program.message());
            case StartOutcome.Unsupported unsupported ->
                refuse(container, Waiting.of(Reason.IDMAP_NOT_SUPPORTED, unsupported.message()));
            case StartOutcome.Failed failed -> {
                service = Service.REFUSED;
                yield refuse(container, Waiting.of(Reason.CREATE_CONTAINER_ERROR, failed.message()));
            }
        };
    }

    /// As with Kubernetes' runtimes, it counts as one that ran and failed at once.
    private boolean unexecuted(WantedContainer container, String message) {
        boolean isOver =
                switch (container.role()) {
                    case MAIN, INIT -> wanted.restartPolicy() == WantedPod.RestartPolicy.NEVER;
                    case SIDECAR -> false;
                    case EPHEMERAL -> true;
                };
        if (!isOver) {
            return refuse(container, Waiting.of(Reason.RUN_CONTAINER_ERROR, message));
        }
        changed.put(container.name(), new Verdict.Waits(Waiting.of(Reason.START_ERROR, message), Optional.empty()));
        events.failed(container, message);
        return false;
    }

    private boolean lacks(WantedContainer container, Prepared prepared) {
        if (prepared instanceof Prepared.Lacking lacking) {
            changed.put(container.name(), lacking.waits());
        }
        return false;
    }

    private void served() {
        service = service == Service.REFUSED ? service : Service.SERVED;
    }

    private boolean refuse(WantedContainer container, Waiting waiting) {
        PodHistory.Refusal before = memory.history().refusals().get(container.name());
        memory.remember(
                memory.history().refused(container, waiting, tools.clock().instant()));
        PodHistory.Refusal refusal = memory.history().refusals().get(container.name());
        changed.put(
                container.name(),
                new Verdict.Waits(waiting, Optional.ofNullable(refusal).flatMap(PodHistory.Refusal::next)));
        if (before == null || !before.isSame(waiting)) {
            events.failed(container, waiting.message());
        }
        return false;
    }

    private void stop(PodAction.Stop stop) throws IOException {
        WantedContainer container = stop.container();
        Optional<Check> hook = stop.grace().isZero() ? Optional.empty() : ProbeReader.hook(container.spec(), "preStop");
        if (hook.isPresent()) {
            // What is frozen could not carry out a hook.
            resume(container.name());
            tools.care().farewells().begin(leaving(stop, hook.get()));
        } else {
            int signal = stop.grace().isZero() ? StopSignals.KILL : signal(container);
            tools.runtime().stop(name(container.name()), signal, stop.grace());
        }
        memory.remember(memory.history()
                .stopping(container.name(), new PodHistory.AskedStop(stop.attempt(), stop.deadline(), stop.cause())));
        events.killing(container, stop.cause(), wanted.restartPolicy() != WantedPod.RestartPolicy.NEVER);
    }

    private Farewells.Leaving leaving(PodAction.Stop stop, Check hook) {
        WantedContainer container = stop.container();
        return new Farewells.Leaving(
                name(container.name()),
                latest(container.name()).map(Attempt::id).orElse(""),
                hook,
                sandbox().map(PodState.Sandbox::address).orElse(""),
                events.at(container),
                signal(container),
                stop.grace());
    }

    /// What the container says, else the pod, else the image, else SIGTERM.
    private int signal(WantedContainer container) {
        String own = container.spec().path("lifecycle").path("stopSignal").asText();
        String said = own.isEmpty() ? scope.pod().annotations().getOrDefault(PodAnnotations.STOP_SIGNAL, "") : own;
        String text = said.isEmpty() ? signalOfImage(container) : said;
        return StopSignals.number(text).orElse(StopSignals.TERM);
    }

    private String signalOfImage(WantedContainer container) {
        String known = memory.stopSignal(container.name());
        if (known != null) {
            return known;
        }
        // An earlier engine has started it; the image of that name tells, if it is still here.
        return Preparation.ask(tools, key, scope.pod(), container, PullPolicy.NEVER) instanceof Answer.Present present
                ? present.image().config().parameters().stopSignal()
                : "";
    }

    /// One that cannot be resized holds up nobody; the status goes on telling what it has.
    private boolean resize(WantedContainer container) {
        try {
            tools.runtime().update(name(container.name()), Containers.resources(scope, container.spec()));
            memory.isNews("resize " + container.name(), "");
        } catch (IOException e) {
            changed.put(container.name(), new Verdict.Stays());
            String message = "resize container %s: %s".formatted(container.name(), e.getMessage());
            failure = Waiting.of(Reason.FAILED_SYNC, message);
            if (memory.isNews("resize " + container.name(), message)) {
                events.failed(Reason.FAILED_SYNC, message);
            }
        }
        return true;
    }

    private void pause(String container) throws IOException {
        if (is(ContainerState.Running.class, container) || is(ContainerState.Paused.class, container)) {
            tools.care().prober().suspend(uid, container);
            tools.runtime().pause(name(container));
        }
    }

    private void resume(String container) throws IOException {
        if (is(ContainerState.Paused.class, container)) {
            tools.runtime().resume(name(container));
        }
    }

    private void fail(Reason reason, String message) {
        failure = Waiting.of(reason, message);
        if (memory.isNews("pod", message)) {
            // Events of a pod that ends go with it.
            LOG.warnf("pod held up pod=%s reason=%s: %s", key, reason, message);
            events.failed(reason, message);
        }
    }

    private Verdict.Waits soon() {
        return new Verdict.Waits(new Waiting(Waiting.usual(wanted).reason(), hindrance), Optional.empty());
    }

    private ContainerName name(String container) {
        return new ContainerName(uid, container);
    }

    private Optional<PodState.Sandbox> sandbox() {
        return tools.runtime().find(uid).flatMap(PodState::sandbox);
    }

    private Optional<Attempt> latest(String container) {
        return tools.runtime().find(uid).flatMap(state -> state.latest(container));
    }

    private boolean is(Class<? extends ContainerState> state, String container) {
        return latest(container).map(Attempt::state).filter(state::isInstance).isPresent();
    }
}
