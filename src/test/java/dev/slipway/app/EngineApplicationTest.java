package dev.slipway.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;

class EngineApplicationTest {
    private static final PrintStream ERROR = System.err;

    @Test
    void a_wrong_setting_is_one_line_for_people() {
        Config config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(Map.of("slipway.listen", "7443"), "typed", 100))
                .build();
        Vertx vertx = Vertx.vertx();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = new EngineApplication(vertx, config).run("serve");
        } finally {
            System.setErr(ERROR);
            vertx.close();
        }

        assertEquals(1, code);
        assertEquals("slipway: listen is not HOST:PORT or off: 7443\n", said.toString(StandardCharsets.UTF_8));
    }
}
