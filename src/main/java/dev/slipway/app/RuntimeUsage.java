package dev.slipway.app;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.usage.UsageSource;
import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.HostUsage;
import dev.slipway.engine.cgroup.ProcessFacts;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.HostRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads what the containers of the runtime use, and the host.
record RuntimeUsage(HostRuntime runtime, Cgroups cgroups) implements UsageSource {
    @Override
    public Optional<Total> container(ApiObject pod, String container) throws IOException {
        return runtime.usage(name(pod, container)).map(used -> new Total(used.cpu(), used.memoryBytes(), used.pids()));
    }

    @Override
    public Total host() throws IOException {
        HostUsage used = HostUsage.read();
        return new Total(used.cpu(), used.memoryBytes(), used.processes());
    }

    @Override
    public List<Process> processes(ApiObject pod, String container) throws IOException {
        Optional<Attempt> running = runtime.find(new PodUid(pod.uid()))
                .flatMap(state -> state.latest(container))
                .filter(attempt -> attempt.state().isAlive());
        if (running.isEmpty()) {
            return List.of();
        }
        List<Process> processes = new ArrayList<>();
        for (long pid : cgroups.processes(running.get().cgroup())) {
            ProcessFacts.of(pid).map(RuntimeUsage::process).ifPresent(processes::add);
        }
        return processes;
    }

    private static Process process(ProcessFacts facts) {
        return new Process(
                facts.pid(),
                facts.inside(),
                facts.user(),
                facts.state(),
                facts.cpu(),
                facts.residentBytes(),
                facts.command());
    }

    private static ContainerName name(ApiObject pod, String container) {
        return new ContainerName(new PodUid(pod.uid()), container);
    }
}
