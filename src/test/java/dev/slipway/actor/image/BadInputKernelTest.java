package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.BadArchives.BadArchive;
import dev.slipway.actor.image.BadPulls.BadPull;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.layer.BadLayers;
import dev.slipway.engine.layer.BadLayers.BadLayer;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a stranger can make wrong with an image, from the registry or the file to the Image object: each is said there
/// in its condition and in an event, leaves no file behind, and harms nothing of an image that was there.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputKernelTest {
    private static final int LONGEST_MESSAGE = 1024;

    /// The registries that are silent cost as much each. Nothing is tried a second time.
    private static final ImageRig.Options OPTIONS = new ImageRig.Options(
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(3), 1, Duration.ofMillis(1), Duration.ofMillis(100)),
            new Backoff(Duration.ofHours(1), Duration.ofHours(1), () -> 0),
            new ImageArchives.Limits(BadLayers.LIMITS, BadPulls.LIMITS));

    private Path directory = Path.of("");
    private ImageRig rig;
    private Map<Path, String> before = Map.of();
    private int count;

    @BeforeAll
    void open() throws Exception {
        // In memory: trees of a thousand directories come and go, and a disk takes its time for each.
        directory = Files.createTempDirectory(Path.of("/dev/shm"), "bad-input");
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")), OPTIONS);
        try (HostileRegistry registry = new HostileRegistry()) {
            ForgedImage.of("good").serve(registry);
            apply("good", "pull: {reference: \"%s/good:bad\"}".formatted(registry.host()));
            rig.ready("images/good");
        }
        rig.await("its layer to be on the disk", this::isDurable);
        before = rig.disk();
    }

    private boolean isDurable() {
        return disk().keySet().stream().anyMatch(path -> path.endsWith("durable"));
    }

    /// What is there; nothing while something goes away.
    private Map<Path, String> disk() {
        try {
            return rig.disk();
        } catch (IOException | UncheckedIOException e) {
            return Map.of();
        }
    }

    @AfterAll
    void close() throws IOException {
        try {
            rig.close();
        } finally {
            TreeRemoval.remove(directory);
        }
    }

    static List<BadPull> pulls() {
        return BadPulls.all();
    }

    static List<BadLayer> layers() {
        return BadLayers.all();
    }

    static List<BadArchive> archives() {
        return BadArchives.all();
    }

    @ParameterizedTest
    @MethodSource("pulls")
    void a_registry_cannot_give(BadPull bad) throws Exception {
        try (HostileRegistry registry = new HostileRegistry()) {
            bad.trap().set(registry, ForgedImage.of(bad.name()));

            assertRefused(pull(registry), "pull ", bad.why());
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void a_layer_that_is_pulled_cannot_be(BadLayer bad) throws Exception {
        try (HostileRegistry registry = new HostileRegistry()) {
            ForgedImage.of("").archive(bad.archive()).serve(registry);

            assertRefused(pull(registry), "pull ", Pattern.quote(bad.why()));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void a_root_file_system_that_is_imported_cannot_be(BadLayer bad) throws Exception {
        Path file = Files.write(directory.resolve("rootfs.tar"), bad.archive());

        assertRefused(imported(file, "rootfs-tar"), "", Pattern.quote(bad.why()));
    }

    @ParameterizedTest
    @MethodSource("archives")
    void an_archive_cannot_be(BadArchive bad) throws Exception {
        Path file = Files.createDirectory(directory.resolve("archive")).resolve("image");
        try {
            bad.writer().to(file);

            assertRefused(imported(file, bad.format().toString()), "", bad.why());
        } finally {
            TreeRemoval.remove(directory.resolve("archive"));
        }
    }

    private static String pull(HostileRegistry registry) {
        return "pull: {reference: \"%s/x:%s\"}".formatted(registry.host(), ForgedImage.TAG);
    }

    private static String imported(Path file, String format) {
        return "import: {path: %s, format: %s}".formatted(file, format);
    }

    private void apply(String name, String source) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {%s}}
                """.formatted(name, source));
    }

    /// @param start of the message
    private void assertRefused(String source, String start, String why) throws Exception {
        String name = "bad-" + count++;
        apply(name, source);
        try {
            assertSaid(name, start, why);
        } finally {
            rig.delete("images/" + name);
            rig.await(name + " to go", () -> rig.get("images/" + name).isEmpty());
        }
        assertNothingIsLeft();
    }

    private void assertSaid(String name, String start, String why) {
        rig.await(name + " to be refused", () -> rig.condition("images/" + name, "Ready")
                .startsWith("False Failed "));

        String message = rig.condition("images/" + name, "Ready").replaceFirst("False Failed ", "");
        assertTrue(Pattern.compile(why).matcher(message).find(), message);
        assertTrue(message.startsWith(start) && message.length() <= LONGEST_MESSAGE, message);
        assertTrue(message.chars().noneMatch(Character::isISOControl), message);
        rig.await("the event", () -> rig.events(name).stream().anyMatch(event -> event.endsWith("Failed: " + message)));
    }

    private void assertNothingIsLeft() {
        rig.await("the disk to be as it was: " + before.keySet(), () -> before.equals(disk()));
        assertTrue(rig.condition("images/good", "Ready").startsWith("True"));
        assertEquals(1, rig.images.list().size());
    }
}
