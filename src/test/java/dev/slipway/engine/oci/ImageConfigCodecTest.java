package dev.slipway.engine.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConfigCodecTest {
    private static final String DIFF_ID = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    @DisplayName("S17 S18 S19 S20 an image carries its run parameters")
    void a_config_with_everything_is_read() throws MalformedDocumentException {
        String document = """
                {"created":"2026-01-02T03:04:05.000000006+01:00","author":"somebody","architecture":"amd64","os":"linux",
                 "config":{"User":"www:www","ExposedPorts":{"80/tcp":{},"53/udp":{}},"Env":["A=1","B=x=y"],
                  "Entrypoint":["/bin/web"],"Cmd":["-p","80"],"Volumes":{"/var/lib/web":{}},"WorkingDir":"/srv",
                  "Labels":{"a":"b"},"StopSignal":"SIGQUIT","Shell":["/bin/bash","-c"],"OnBuild":["RUN x"],
                  "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000,"StartInterval":1000000,"Retries":3}},
                 "rootfs":{"type":"layers","diff_ids":["%s"]},
                 "history":[{"created":"2026-01-02T03:04:05Z","author":"ada","created_by":"COPY . /"},{"empty_layer":true}]}
                """.formatted(DIFF_ID);

        ImageConfig config = ImageConfigCodec.parse(document.getBytes(UTF_8));

        assertEquals(new Platform("linux", "amd64", ""), config.platform());
        assertEquals(Instant.parse("2026-01-02T02:04:05.000000006Z"), config.created());
        RunParameters run = config.parameters();
        assertEquals(List.of("A=1", "B=x=y"), run.env());
        assertEquals(List.of("/bin/web"), run.entrypoint());
        assertEquals(List.of("-p", "80"), run.cmd());
        assertEquals("www:www", run.user());
        assertEquals("/srv", run.workingDir());
        assertEquals(Set.of("/var/lib/web"), run.volumes());
        assertEquals(Set.of("53/udp", "80/tcp"), run.exposedPorts());
        assertEquals(Map.of("a", "b"), run.labels());
        assertEquals("SIGQUIT", run.stopSignal());
        assertEquals(List.of("/bin/bash", "-c"), run.shell());
        assertEquals(
                new Healthcheck(
                        List.of("CMD-SHELL", "true"),
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofMillis(1),
                        3),
                run.healthcheck());
        assertEquals(List.of("RUN x"), config.triggers());
        assertEquals(List.of(new DiffId(new Digest(DIFF_ID))), config.diffIds());
        assertEquals("somebody", config.author());
        assertEquals("ada", config.history().getFirst().author());
        assertEquals("COPY . /", config.history().getFirst().createdBy());
        assertTrue(config.history().getLast().emptyLayer());
    }

    @Test
    void what_is_written_is_read_back_and_always_the_same() throws MalformedDocumentException {
        RunParameters run = new RunParameters(
                List.of("A=1"),
                List.of("/init"),
                List.of(),
                "/",
                "0",
                Set.of("/b", "/a"),
                "SIGTERM",
                Set.of("80/tcp"),
                Map.of("z", "1", "a", "2"),
                new Healthcheck(List.of("NONE"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1), 0),
                List.of());
        ImageConfig config = new ImageConfig(
                new Platform("linux", "arm", "v6"),
                Instant.EPOCH,
                run,
                List.of(new DiffId(new Digest(DIFF_ID))),
                List.of(new HistoryEntry(null, "step", "ada", "remark", true)),
                "grace",
                List.of("RUN a", "RUN b"));

        byte[] bytes = ImageConfigCodec.write(config);

        assertEquals(config, ImageConfigCodec.parse(bytes));
        assertArrayEquals(bytes, ImageConfigCodec.write(ImageConfigCodec.parse(bytes)));
    }

    @Test
    void null_is_the_same_as_absent() throws MalformedDocumentException {
        String document = """
                {"architecture":"amd64","os":"linux","created":null,"config":{"Env":null,"Volumes":null,"Entrypoint":null,
                 "Labels":null,"Healthcheck":null},"rootfs":{"type":"layers","diff_ids":null},"history":null}
                """;

        assertEquals(
                RunParameters.EMPTY,
                ImageConfigCodec.parse(document.getBytes(UTF_8)).parameters());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'os':'linux','rootfs':{'type':'layers'}}|config.architecture is missing",
                "{'os':'linux','architecture':'amd64'}|config.rootfs is missing",
                "{'os':'linux','architecture':'amd64','rootfs':{'type':'foo'}}|rootfs.type is not",
                "{'os':'linux','architecture':'amd64','rootfs':{'type':'layers','diff_ids':['x']}}|not a digest",
                "{'os':'linux','architecture':'amd64','config':{'Env':[1]},'rootfs':{'type':'layers'}}|Env[0] is not text",
                "{'os':'linux','architecture':'amd64','config':{'Env':'x'},'rootfs':{'type':'layers'}}|Env is not a list",
                "{'os':'linux','architecture':'amd64','config':{'Volumes':[]},'rootfs':{'type':'layers'}}|not an object",
                "{'os':'linux','architecture':'amd64','created':'today','rootfs':{'type':'layers'}}|is not a time",
            })
    void what_is_not_a_config_is_refused_by_name(String document, String why) {
        MalformedDocumentException refusal = assertThrows(
                MalformedDocumentException.class,
                () -> ImageConfigCodec.parse(document.replace('\'', '"').getBytes(UTF_8)));
        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    }
}
