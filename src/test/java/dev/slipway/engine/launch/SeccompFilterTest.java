package dev.slipway.engine.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.seccomp.DefaultFilter;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SeccompFilterTest {
    @Test
    void the_default_is_that_of_the_capabilities_also_when_it_is_compiled_no_more() {
        for (Capability capability : Capability.values()) {
            Set<Capability> capabilities = EnumSet.of(capability, Capability.CHOWN);
            byte[] fresh = DefaultFilter.ofThisMachine()
                    .compile(capabilities.stream().map(Enum::name).collect(Collectors.toSet()));

            assertArrayEquals(fresh, SeccompFilter.compile(SeccompProfile.RUNTIME_DEFAULT, capabilities));
            assertArrayEquals(fresh, SeccompFilter.compile(SeccompProfile.RUNTIME_DEFAULT, capabilities));
        }
    }

    @Test
    void a_set_that_changes_afterwards_changes_nothing() {
        Set<Capability> changing = EnumSet.noneOf(Capability.class);
        byte[] ofNone = SeccompFilter.compile(SeccompProfile.RUNTIME_DEFAULT, changing);

        changing.addAll(EnumSet.allOf(Capability.class));

        assertArrayEquals(ofNone, SeccompFilter.compile(SeccompProfile.RUNTIME_DEFAULT, Set.of()));
    }

    @Test
    void unconfined_is_none() {
        assertEquals(0, SeccompFilter.compile(SeccompProfile.UNCONFINED, Set.of()).length);
    }
}
