package dev.slipway.engine.build;

import dev.slipway.engine.oci.RunParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a config step makes of run parameters. Pure.
final class Parameters {
    private Parameters() {}

    static RunParameters changed(RunParameters before, BuildStep.Configure change) {
        return new RunParameters(
                env(before.env(), change.env()),
                or(change.entrypoint(), before.entrypoint()),
                or(change.cmd(), before.cmd()),
                or(change.workingDir(), before.workingDir()),
                or(change.user(), before.user()),
                union(before.volumes(), change.volumes()),
                or(change.stopSignal(), before.stopSignal()),
                union(before.exposedPorts(), ports(change.exposedPorts())),
                labels(before.labels(), change.labels()),
                change.healthcheck() == null ? before.healthcheck() : change.healthcheck(),
                or(change.shell(), before.shell()));
    }

    /// A variable that is there keeps its place; others follow by name.
    private static List<String> env(List<String> before, Map<String, String> change) {
        Map<String, String> rest = new TreeMap<>(change);
        List<String> env = new ArrayList<>();
        for (String variable : before) {
            String name = variable.substring(0, Math.max(0, variable.indexOf('=')));
            String value = rest.remove(name);
            env.add(value == null ? variable : name + "=" + value);
        }
        rest.forEach((name, value) -> env.add(name + "=" + value));
        return env;
    }

    private static Set<String> ports(Set<String> ports) {
        Set<String> full = new TreeSet<>();
        ports.forEach(port -> full.add(port.contains("/") ? port : port + "/tcp"));
        return full;
    }

    private static <T> T or(@Nullable T change, T before) {
        return change == null ? before : change;
    }

    private static Set<String> union(Set<String> before, Set<String> change) {
        Set<String> all = new TreeSet<>(before);
        all.addAll(change);
        return all;
    }

    private static Map<String, String> labels(Map<String, String> before, Map<String, String> change) {
        Map<String, String> all = new TreeMap<>(before);
        all.putAll(change);
        return all;
    }
}
