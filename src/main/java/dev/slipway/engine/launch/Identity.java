package dev.slipway.engine.launch;

import java.util.List;

/// Who the process is: numbers only, names are resolved before ([ImageUsers]).
///
/// @param groups supplementary groups, without `gid`
public record Identity(int uid, int gid, List<Integer> groups) {
    public static final Identity ROOT = new Identity(0, 0, List.of());

    public Identity {
        groups = List.copyOf(groups);
        if (uid < 0 || gid < 0 || groups.stream().anyMatch(group -> group < 0)) {
            throw new IllegalArgumentException("uid and gids go from 0 to 2147483647");
        }
    }
}
