package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.plan.Architecture;
import dev.slipway.engine.plan.LaunchPlanner;
import dev.slipway.engine.plan.PlanWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How a program is confined by AppArmor. Few kernels that tests run on have it, so a file takes the place of the
/// kernel's: the plan is the engine's but for that path.
class AppArmorKernelTest {
    private static final String ATTRIBUTE = "/proc/thread-self/attr/apparmor/exec";

    private ShimLab lab;
    private Path attribute;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
        // No longer than the name that it replaces.
        attribute = Files.createTempFile(Path.of("/dev/shm"), "aa", "");
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
        Files.delete(attribute);
    }

    @Test
    void the_profile_is_told_to_the_kernel_before_the_program_is_executed() throws Exception {
        ContainerDraft container = lab.container("cat /attribute")
                .privileges(confined("my own one"))
                .mounts(new Mount.Bind(attribute, "/attribute", Mount.Kind.FILE, Mount.Access.READ_ONLY));
        byte[] plan = PlanWriter.write(LaunchPlanner.container(container.spec()), Architecture.ofHost());
        RunDirectory directory = new RunDirectory(
                lab.run().resolve("containers").resolve(container.id().value()));
        directory.create(CgroupPlacement.INHERITED, withAttribute(plan));

        launch(directory);

        assertInstanceOf(Found.Exited.class, lab.restart().getFirst());
        assertEquals("exec my own one", ShimLab.text(lab.logOf(container.id())));
    }

    @Test
    void a_profile_that_the_kernel_does_not_take_keeps_the_program_from_being_executed() throws Exception {
        StartResult.Failed failed = lab.container("echo ran")
                .privileges(confined("nobody-has-loaded-this"))
                .failure();

        assertTrue(failed.words().contains("AppArmor"), failed.words());
        assertEquals(StartResult.Reason.ENVIRONMENT, failed.reason());
    }

    private static Privileges confined(String profile) {
        return new Privileges(
                EnumSet.copyOf(Capability.STANDARD),
                Set.of(),
                false,
                SeccompProfile.RUNTIME_DEFAULT,
                Optional.of(profile));
    }

    /// A path may begin with many slashes.
    private byte[] withAttribute(byte[] plan) {
        String path = attribute.toString();
        String padded = "/".repeat(ATTRIBUTE.length() - path.length()) + path;
        String text = new String(plan, StandardCharsets.ISO_8859_1);
        assertEquals(2, text.split(ATTRIBUTE, -1).length, "named once");
        return text.replace(ATTRIBUTE, padded).getBytes(StandardCharsets.ISO_8859_1);
    }

    private void launch(RunDirectory directory) throws IOException {
        try (ShimBinary program = ShimBinary.open(lab.run().resolve("bin"))) {
            Launcher.Launched launched = new Launcher(program)
                    .launch(directory, "test", EnumSet.of(Launcher.Role.CONTROL), Optional.empty());
            launched.control().close();
            ShimLab.await("ended", () -> hasEnded(launched));
        }
    }

    private static boolean hasEnded(Launcher.Launched launched) {
        try {
            return launched.shim().reap().isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
