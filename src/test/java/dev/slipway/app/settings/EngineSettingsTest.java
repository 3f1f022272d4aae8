package dev.slipway.app.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineSettingsTest {
    @Test
    void every_setting_has_its_documented_default() {
        EngineSettings settings = of(Map.of());

        assertEquals(Path.of("/var/lib/slipway"), settings.root());
        assertEquals(Path.of("/run/slipway"), settings.run());
        assertEquals(List.of(), settings.manifests());
        assertEquals("127.0.0.1:7443", settings.listen());
        assertEquals("slipway0", settings.bridge());
        assertEquals(Optional.empty(), settings.subnet());
        assertEquals("slipway", settings.cgroup());
        assertEquals(10485760, settings.logs().maxSizeBytes());
        assertEquals(5, settings.logs().maxFiles());
        assertEquals(85, settings.imageCollection().highThresholdPercent());
        assertEquals(80, settings.imageCollection().lowThresholdPercent());
        assertEquals(Duration.ofMinutes(2), settings.imageCollection().minimumAge());
        assertEquals(Duration.ofHours(720), settings.imageCollection().maximumAge());
        assertEquals(68719476736L, settings.images().layers().bytes());
        assertEquals(2000000, settings.images().layers().entries());
        assertEquals(4194304, settings.images().documents().manifestBytes());
        assertEquals(8388608, settings.images().documents().configBytes());
        assertEquals(53687091200L, settings.mirroredBytes());
        assertEquals(5, of(Map.of("slipway.registry.max-mirrored-bytes", "5")).mirroredBytes());
    }

    /// Who sets what nobody reads is told nothing.
    @Test
    void every_setting_is_read_by_somebody() {
        JavaClasses engine = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.slipway.app");
        JavaClass settings = engine.get(EngineSettings.class);

        for (RecordComponent component : EngineSettings.class.getRecordComponents()) {
            String name = component.getName();
            boolean isAsked = !settings.getMethod(name).getCallsOfSelf().isEmpty()
                    || settings.getField(name).getAccessesToSelf().stream()
                            .map(access -> access.getOrigin().getName())
                            .anyMatch(
                                    origin -> !origin.equals(name) && !origin.equals(JavaConstructor.CONSTRUCTOR_NAME));

            assertTrue(isAsked, name);
        }
    }

    @Test
    void thresholds_that_make_no_sense_are_refused() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> of(Map.of("slipway.image.gc-high-threshold-percent", "80")));
        IllegalArgumentException noAge = assertThrows(
                IllegalArgumentException.class, () -> of(Map.of("slipway.image.maximum-gc-age", "a month")));

        assertEquals(
                "slipway.image.gc-low-threshold-percent is not below slipway.image.gc-high-threshold-percent, which is 80: 80",
                refused.getMessage());
        assertEquals("slipway.image.maximum-gc-age is not a duration like 1m30s: a month", noAge.getMessage());
    }

    @Test
    void an_engine_that_was_moved_has_names_of_its_own() {
        EngineSettings one = of(Map.of("slipway.run", "/tmp/one"));
        EngineSettings two = of(Map.of("slipway.run", "/tmp/two"));

        assertEquals(
                3,
                List.of("slipway0", one.bridge(), two.bridge()).stream()
                        .distinct()
                        .count());
        assertEquals(
                3,
                List.of("slipway", one.cgroup(), two.cgroup()).stream()
                        .distinct()
                        .count());
        assertEquals(true, one.bridge().length() <= 15, "an interface name has at most 15 bytes");
    }

    @Test
    void manifests_are_a_list_of_directories() {
        assertEquals(
                List.of(Path.of("/a"), Path.of("/b c")),
                of(Map.of("slipway.manifests", "/a, /b c")).manifests());
    }

    @Test
    void a_number_that_is_none_is_refused_by_name() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> of(Map.of("slipway.log.max-files", "many")));

        assertEquals("slipway.log.max-files is not a number: many", refused.getMessage());
    }

    @Test
    void what_no_container_could_be_started_with_is_refused_at_once() {
        Map<String, String> wrong = Map.of(
                "slipway.log.max-files", "0",
                "slipway.log.max-size-bytes", "10",
                "slipway.container.pids", "-1",
                "slipway.registry.max-mirrored-bytes", "-1",
                "slipway.subnet", "10.0.0.0",
                "slipway.bridge", "a-name-of-16-byt",
                "slipway.cgroup", "a/b");

        wrong.forEach((key, value) -> {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> of(Map.of(key, value)), key);
            assertTrue(refused.getMessage().startsWith(key), refused.getMessage());
        });
    }

    @Test
    void a_limit_that_cannot_be_kept_is_refused() {
        assertEquals(
                1000,
                of(Map.of("slipway.image.max-layer-files", "1000"))
                        .images()
                        .layers()
                        .entries());
        for (String key : List.of("max-layer-bytes", "max-layer-files", "max-manifest-bytes", "max-config-bytes")) {
            assertThrows(IllegalArgumentException.class, () -> of(Map.of("slipway.image." + key, "0")), key);
        }
        assertThrows(IllegalArgumentException.class, () -> of(Map.of("slipway.image.max-config-bytes", "5000000000")));
    }

    private static EngineSettings of(Map<String, String> values) {
        return EngineSettings.of(new Configured(key -> Optional.ofNullable(values.get(key)), key -> key));
    }
}
