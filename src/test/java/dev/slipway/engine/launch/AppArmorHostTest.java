package dev.slipway.engine.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppArmorHostTest {
    @TempDir
    private Path sys = Path.of("");

    @Test
    void a_host_without_it_enforces_nothing_and_says_so() {
        AppArmorHost host = new AppArmorHost(sys);

        assertEquals(Optional.empty(), host.usual());
        assertEquals("Cannot enforce AppArmor: AppArmor is not enabled on the host", refusal(host, "web"));
    }

    @Test
    void a_host_that_has_switched_it_off_does_too() throws IOException {
        AppArmorHost host = host("N\n", "web (enforce)\n");

        assertEquals("Cannot enforce AppArmor: AppArmor is not enabled on the host", refusal(host, "web"));
    }

    @Test
    void a_profile_has_to_be_loaded_whatever_its_mode() throws IOException {
        AppArmorHost host = host("Y\n", "web (enforce)\nmy own one (complain)\nslipway-default (enforce)\n");

        assertEquals("web", host.require("web"));
        assertEquals("my own one", host.require("my own one"));
        assertEquals("Cannot enforce AppArmor: profile \"we\" is not loaded", refusal(host, "we"));
        assertEquals(Optional.of("slipway-default"), host.usual());
    }

    private AppArmorHost host(String enabled, String profiles) throws IOException {
        Path parameters = Files.createDirectories(sys.resolve("module/apparmor/parameters"));
        Files.writeString(parameters.resolve("enabled"), enabled);
        Path security = Files.createDirectories(sys.resolve("kernel/security/apparmor"));
        Files.writeString(security.resolve("profiles"), profiles);
        return new AppArmorHost(sys);
    }

    private static String refusal(AppArmorHost host, String profile) {
        return assertThrows(IllegalArgumentException.class, () -> host.require(profile))
                .getMessage();
    }
}
