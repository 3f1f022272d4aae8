package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.launch.Stdio;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessFileTest {
    @Test
    void a_process_is_read_as_it_was_written() throws IOException {
        for (SeccompProfile profile : List.of(
                SeccompProfile.UNCONFINED,
                SeccompProfile.RUNTIME_DEFAULT,
                SeccompProfile.Compiled.of(new byte[] {6, 0, 0, 0, 1, 0, 5, 0}))) {
            for (Optional<String> appArmor : List.of(Optional.<String>empty(), Optional.of("my own one"))) {
                ProcessSpec process = process(profile, appArmor);

                assertEquals(process, ProcessFile.read(ProcessFile.write(process)));
            }
        }
    }

    private static ProcessSpec process(SeccompProfile profile, Optional<String> appArmor) {
        return new ProcessSpec(
                List.of("sh", "-c", "echo \"ü\""),
                List.of("PATH=/bin", "MANY=a\nb"),
                "/srv",
                new Identity(1000, 1001, List.of(5, 6)),
                new Privileges(
                        Set.of(Capability.CHOWN, Capability.NET_RAW),
                        Set.of(Capability.NET_RAW),
                        true,
                        profile,
                        appArmor),
                List.of(new ResourceLimit(ResourceLimit.Resource.NOFILE, 10, ResourceLimit.UNLIMITED)),
                027,
                -998,
                new Stdio(true, true, false));
    }

    @Test
    void a_file_of_another_form_is_refused() {
        byte[] other = "{\"argv\": [\"sh\"]}".getBytes(StandardCharsets.UTF_8);

        assertThrows(IllegalArgumentException.class, () -> ProcessFile.read(other));
    }
}
