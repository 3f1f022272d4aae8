package dev.slipway;

import dev.slipway.ContainerTool.Deed;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a container can be asked for in its life, by the engine and by its peers, who take turns. Prints tables and
/// asserts nothing on time.
///
/// Peers are commands, for want of anything else to ask them by: their figures have the start of a process in them, as
/// that of the engine has TLS, the store and a look every few hundred microseconds.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifeBenchmark {
    private static final int WARM_UP = 3;
    private static final int RUNS = 20;

    private BenchHost host;

    @BeforeAll
    void start() throws Exception {
        host = BenchHost.start();
    }

    @AfterAll
    void stop() throws Exception {
        host.close();
    }

    @Test
    void the_life_of_a_container() throws Exception {
        List<ContainerTool> tools = host.tools();
        double[][][] millis = new double[Deed.values().length][tools.size()][RUNS];
        for (int run = -WARM_UP; run < RUNS; run++) {
            for (int tool = 0; tool < tools.size(); tool++) {
                for (Deed deed : Deed.values()) {
                    long before = System.nanoTime();
                    tools.get(tool).perform(deed, "life" + (run + WARM_UP));
                    if (run >= 0) {
                        millis[deed.ordinal()][tool][run] = (System.nanoTime() - before) / 1e6;
                    }
                }
            }
        }
        for (Deed deed : Deed.values()) {
            System.out.println(Samples.header(deed.title()));
            Samples first = new Samples(tools.getFirst().title(), millis[deed.ordinal()][0]);
            for (int tool = 0; tool < tools.size(); tool++) {
                System.out.println(new Samples(tools.get(tool).title(), millis[deed.ordinal()][tool]).line(first));
            }
        }
    }
}
