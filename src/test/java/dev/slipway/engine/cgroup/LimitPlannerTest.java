package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitPlannerTest {
    private static final OptionalLong NONE = OptionalLong.empty();

    @ParameterizedTest
    @CsvSource({
        // request in thousandths, shares, weight
        "0, 2, 1",
        "1, 2, 1",
        "2, 2, 1",
        "100, 102, 4",
        "1000, 1024, 39",
        "2000, 2048, 79",
        "256000, 262144, 10000",
        "999999, 262144, 10000"
    })
    void a_cpu_request_is_shares_and_weight(long millis, long shares, long weight) {
        Limits.Cpu cpu = new Limits.Cpu(OptionalLong.of(millis), NONE, Optional.empty());

        assertEquals(shares, cpu.shares());
        assertEquals(weight, cpu.weight());
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "1, 1000", "10, 1000", "100, 10000", "1500, 150000"})
    void a_cpu_limit_is_time_in_each_period(long millis, long quotaMicros) {
        assertEquals(
                quotaMicros,
                new Limits.Cpu(NONE, OptionalLong.of(millis), Optional.empty())
                        .quotaMicros()
                        .orElseThrow());
    }

    @Test
    void version_2_has_one_file_a_limit() {
        Limits limits = new Limits(
                new Limits.Cpu(OptionalLong.of(500), OptionalLong.of(1500), Optional.of("0-1")),
                new Limits.Memory(OptionalLong.of(1 << 20), NONE),
                OptionalLong.of(50));

        assertEquals("cpu.weight=20 cpu.max=150000 100000", text(Controller.CPU, true, limits));
        assertEquals(
                "memory.low=0 memory.max=1048576 memory.swap.max=0 memory.oom.group=1",
                text(Controller.MEMORY, true, limits));
        assertEquals("pids.max=50", text(Controller.PIDS, true, limits));
        assertEquals("cpuset.cpus=0-1", text(Controller.CPUSET, true, limits));
    }

    @Test
    void version_1_counts_swap_together_with_memory() {
        Limits limits = new Limits(
                new Limits.Cpu(OptionalLong.of(500), OptionalLong.of(1500), Optional.empty()),
                new Limits.Memory(OptionalLong.of(1000), OptionalLong.of(24)),
                NONE);

        assertEquals(
                "cpu.shares=512 cpu.cfs_period_us=100000 cpu.cfs_quota_us=150000", text(Controller.CPU, false, limits));
        assertEquals(
                "memory.memsw.limit_in_bytes=-1 memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=1024",
                text(Controller.MEMORY, false, limits));
    }

    @Test
    void a_memory_request_is_protected_by_version_2() {
        Limits limits = new Limits(Limits.Cpu.NONE, new Limits.Memory(OptionalLong.of(512), NONE, NONE), NONE);

        assertEquals(
                "memory.low=512 memory.max=max memory.swap.max=max memory.oom.group=0",
                text(Controller.MEMORY, true, limits));
        assertEquals(Set.of(), LimitPlanner.controllers(limits), "version 1 has nothing for it");
    }

    @Test
    void a_weight_of_io_is_written_in_the_form_of_each_scheduler() {
        Limits limits = rare(OptionalInt.of(5000), Map.of());

        assertEquals("io.weight=default 5000 io.bfq.weight=1000", text(Controller.IO, true, limits));
        assertEquals("blkio.weight=1000 blkio.bfq.weight=1000", text(Controller.IO, false, limits));
        assertEquals("io.weight=default 100 io.bfq.weight=100", text(Controller.IO, true, Limits.NONE));
        assertThrows(IllegalArgumentException.class, () -> rare(OptionalInt.of(0), Map.of()));
    }

    @Test
    void huge_pages_are_limited_by_their_size() {
        Limits limits = rare(OptionalInt.empty(), Map.of(2L << 20, 4L << 20, 1L << 30, 0L, 64L << 10, 1L << 20));

        assertEquals(
                "hugetlb.64KB.max=1048576 hugetlb.2MB.max=4194304 hugetlb.1GB.max=0",
                text(Controller.HUGETLB, true, limits));
        assertEquals(
                "hugetlb.64KB.limit_in_bytes=1048576 hugetlb.2MB.limit_in_bytes=4194304 hugetlb.1GB.limit_in_bytes=0",
                text(Controller.HUGETLB, false, limits));
        assertEquals(Set.of(Controller.HUGETLB), LimitPlanner.controllers(limits));
    }

    private static Limits rare(OptionalInt ioWeight, Map<Long, Long> hugePages) {
        return new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, NONE, ioWeight, hugePages);
    }

    @Test
    void absent_limits_are_written_as_none_and_an_absent_share_as_the_least() {
        assertEquals("cpu.weight=1 cpu.max=max 100000", text(Controller.CPU, true, Limits.NONE));
        assertEquals(
                "cpu.shares=2 cpu.cfs_period_us=100000 cpu.cfs_quota_us=-1", text(Controller.CPU, false, Limits.NONE));
        assertEquals(
                "memory.low=0 memory.max=max memory.swap.max=max memory.oom.group=0",
                text(Controller.MEMORY, true, Limits.NONE));
        assertEquals(
                "memory.memsw.limit_in_bytes=-1 memory.limit_in_bytes=-1 memory.memsw.limit_in_bytes=-1",
                text(Controller.MEMORY, false, Limits.NONE));
        assertEquals("pids.max=max", text(Controller.PIDS, true, Limits.NONE));
    }

    @Test
    void only_controllers_of_present_limits_are_needed() {
        assertEquals(Set.of(), LimitPlanner.controllers(Limits.NONE));
        assertEquals(
                Set.of(Controller.PIDS),
                LimitPlanner.controllers(new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.of(1))));
    }

    @Test
    void impossible_limits_are_refused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.of(0)));
        assertThrows(IllegalArgumentException.class, () -> new Limits.Memory(OptionalLong.of(-1), NONE));
    }

    private static String text(Controller controller, boolean unified, Limits limits) {
        List<LimitPlanner.Setting> settings = LimitPlanner.settings(controller, unified, limits);
        return settings.stream()
                .map(setting -> setting.file() + "=" + setting.value())
                .collect(Collectors.joining(" "));
    }
}
