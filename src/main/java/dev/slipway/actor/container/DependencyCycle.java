package dev.slipway.actor.container;

import dev.slipway.desired.meta.ApiObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Finds Containers that wait for each other, so that none ever begins. Pure, but for what it looks up.
///
/// @param containers of one namespace, by name
record DependencyCycle(Function<String, Optional<ApiObject>> containers) {
    /// The names on the shortest way from a Container back to itself, both ends included; empty without one.
    List<String> through(ApiObject container) {
        Deque<List<String>> ways = new ArrayDeque<>(List.of(List.of(container.name())));
        Set<String> seen = new HashSet<>();
        while (!ways.isEmpty()) {
            List<String> way = ways.removeFirst();
            for (String next : dependencies(way.getLast())) {
                List<String> longer = new ArrayList<>(way);
                longer.add(next);
                if (next.equals(container.name())) {
                    return longer;
                }
                if (seen.add(next)) {
                    ways.addLast(longer);
                }
            }
        }
        return List.of();
    }

    private List<String> dependencies(String name) {
        List<String> names = new ArrayList<>();
        containers.apply(name).ifPresent(found -> found.spec()
                .path("dependsOn")
                .forEach(dependency -> names.add(dependency.path("name").asText())));
        return names;
    }
}
