/// Limits and usage, on cgroup v1, hybrid and v2 hosts.
@NullMarked
package dev.slipway.engine.cgroup;

import org.jspecify.annotations.NullMarked;
