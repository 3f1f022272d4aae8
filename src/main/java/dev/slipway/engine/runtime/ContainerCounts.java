package dev.slipway.engine.runtime;

import java.util.Collection;

/// How many attempts of containers are in which state.
public record ContainerCounts(int created, int running, int paused, int exited, int lost) {
    static ContainerCounts of(Collection<ContainerState> states) {
        int created = 0;
        int running = 0;
        int paused = 0;
        int exited = 0;
        int lost = 0;
        for (ContainerState state : states) {
            switch (state) {
                case ContainerState.Created each -> created++;
                case ContainerState.Running each -> running++;
                case ContainerState.Paused each -> paused++;
                case ContainerState.Exited each -> exited++;
                case ContainerState.Lost each -> lost++;
            }
        }
        return new ContainerCounts(created, running, paused, exited, lost);
    }
}
