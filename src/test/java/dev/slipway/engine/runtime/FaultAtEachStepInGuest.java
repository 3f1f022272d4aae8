package dev.slipway.engine.runtime;

import dev.slipway.engine.linux.Stepped;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Those deeds of [FaultAtEachStepKernelTest] that are done by cgroups, where these are of version 2 alone; runs in the
/// virtual machine of `UnifiedHostVM`.
@ExtendWith(Stepped.class)
class FaultAtEachStepInGuest {
    @ParameterizedTest
    @ValueSource(strings = {"STOP", "PAUSE_AND_RESUME"})
    void the_next_engine_finishes_what_a_killed_one_began(String deed) throws Exception {
        FaultAtEachStepKernelTest.strikeAtEachStep(
                FaultAtEachStepKernelTest.Fault.KILLED_ENGINE, EngineDeed.valueOf(deed), DeedSite.Users.OF_HOST);
    }
}
