package dev.slipway.engine.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
    @ParameterizedTest
    @CsvSource({
        "linux/x86_64, linux/amd64",
        "linux/amd64/v1, linux/amd64",
        "Linux/AMD64/v3, linux/amd64/v3",
        "linux/aarch64, linux/arm64",
        "linux/arm64/v8, linux/arm64",
        "linux/arm64/8, linux/arm64",
        "linux/arm, linux/arm/v7",
        "linux/armhf, linux/arm/v7",
        "linux/armel, linux/arm/v6",
        "linux/arm/6, linux/arm/v6",
        "linux/i386, linux/386",
    })
    void one_machine_has_one_name(String text, String name) {
        assertEquals(Optional.of(name), Platform.parse(text).map(Platform::toString));
    }

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/arm64 linux/amd64 linux/386, linux/amd64",
        "linux/amd64, linux/386 linux/arm64, linux/386",
        "linux/amd64/v3, linux/amd64 linux/amd64/v2 linux/amd64/v4, linux/amd64/v2",
        "linux/arm64, linux/arm/v5 linux/arm/v7 linux/arm/v6, linux/arm/v7",
        "linux/arm64, linux/arm/v7 linux/arm64/v8, linux/arm64",
        "linux/arm/v6, linux/arm/v7 linux/arm/v5, linux/arm/v5",
        "linux/arm/v7, linux/arm/v6 linux/arm/v5 linux/arm64, linux/arm/v6",
    })
    void the_best_that_the_machine_runs_is_chosen(String machine, String offered, String chosen) {
        Optional<Platform> found = platform(machine)
                .choose(index(Stream.of(offered.split(" "))
                        .map(PlatformTest::platform)
                        .toList()))
                .map(Descriptor::platform);

        assertEquals(Optional.of(platform(chosen)), found);
    }

    @Test
    void what_the_machine_cannot_run_is_not_chosen() {
        assertEquals(
                Optional.empty(),
                platform("linux/amd64")
                        .choose(index(List.of(
                                platform("linux/arm64"), platform("windows/amd64"), platform("unknown/unknown")))));
        assertFalse(platform("linux/amd64").runs(platform("linux/amd64/v3")));
        assertTrue(platform("linux/arm64").runs(platform("linux/arm/v6")));
    }

    @Test
    void a_single_manifest_without_platform_is_taken() {
        Descriptor single = descriptor(1, null);
        ImageIndex index = new ImageIndex(MediaType.OCI_INDEX, List.of(single), Map.of());

        assertEquals(Optional.of(single), platform("linux/amd64").choose(index));
    }

    private static ImageIndex index(List<Platform> platforms) {
        List<Descriptor> manifests = platforms.stream()
                .map(platform -> descriptor(platforms.indexOf(platform), platform))
                .toList();
        return new ImageIndex(MediaType.OCI_INDEX, manifests, Map.of());
    }

    private static Descriptor descriptor(int number, @Nullable Platform platform) {
        Digest digest = Digest.sha256(new byte[] {(byte) number});
        return new Descriptor(MediaType.OCI_MANIFEST, digest, 1, platform, Map.of());
    }

    private static Platform platform(String text) {
        return Platform.parse(text).orElseThrow();
    }
}
