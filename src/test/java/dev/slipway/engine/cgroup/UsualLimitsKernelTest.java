package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds for containers that ask for nothing.
class UsualLimitsKernelTest {
    private static final CgroupName WEB = CgroupName.of(new PodUid("pod"), "web.0");

    private final CgroupLab lab = new CgroupLab();

    static List<Hierarchies> hierarchies() throws IOException {
        return CgroupLab.hierarchies();
    }

    @AfterEach
    void dismantle() throws IOException {
        lab.close();
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_container_of_which_nothing_is_said_does_not_take_all_processes_of_the_host(Hierarchies hierarchies)
            throws Exception {
        Cgroups cgroups = lab.open(hierarchies, OptionalLong.of(3));
        Placement placement = cgroups.create(WEB, Limits.NONE);

        Process process = lab.run(placement, "sleep 60 & sleep 60 & (sleep 60 & echo forked $!) 2>&1; exec sleep 60");

        assertTrue(process.inputReader().readLine().contains("Cannot fork"));
        cgroups.update(WEB, new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.of(100)));
        assertEquals("100", CgroupLab.limit(hierarchies, WEB, Controller.PIDS, "pids.max", "pids.max"));
        cgroups.update(WEB, Limits.NONE);
        assertEquals("3", CgroupLab.limit(hierarchies, WEB, Controller.PIDS, "pids.max", "pids.max"));
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_piece_of_work_may_take_half_of_the_memory_where_that_can_be_limited(Hierarchies hierarchies)
            throws Exception {
        OptionalLong usual = hierarchies.usualWorkMemory();

        assertEquals(hierarchies.home(Controller.MEMORY).isPresent(), usual.isPresent());
        if (usual.isPresent()) {
            Process free = lab.run(new Placement(Optional.empty(), List.of()), "free -b");
            String[] words = free.inputReader().lines().toList().get(1).split(" +");
            assertEquals(Long.parseLong(words[1]) / 2, usual.getAsLong());
        }
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    @DisplayName("S40 who asks for cpus gets them before who asks for none, in pods of their own")
    void who_asks_for_cpus_gets_them_first(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = lab.open(hierarchies);
        CgroupName modest = CgroupName.of(new PodUid("modest"), "web.0");
        String spin = "taskset -p 1 $$ >/dev/null; while :; do :; done";
        lab.run(cgroups.create(modest, Limits.NONE), spin);
        lab.run(
                cgroups.create(
                        WEB,
                        new Limits(
                                new Limits.Cpu(OptionalLong.of(500), OptionalLong.empty(), Optional.empty()),
                                Limits.Memory.NONE,
                                OptionalLong.empty())),
                spin);
        CgroupLab.await("spinning", () -> CgroupLab.cpu(cgroups, WEB) > 50_000_000);
        long before = CgroupLab.cpu(cgroups, WEB);
        long modestBefore = CgroupLab.cpu(cgroups, modest);

        CgroupLab.await("served", () -> CgroupLab.cpu(cgroups, WEB) - before > 300_000_000);

        long modestHad = CgroupLab.cpu(cgroups, modest) - modestBefore;
        assertTrue(modestHad < 150_000_000, "who asks for nothing had " + modestHad + " ns beside 300000000");
    }
}
