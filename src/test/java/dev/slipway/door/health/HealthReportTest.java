package dev.slipway.door.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthReportTest {
    private static final List<HealthCheck> CHECKS =
            List.of(new HealthCheck("object-store", () -> "it is full"), new HealthCheck("other", () -> ""));

    @Test
    void what_works_is_told_in_one_word_unless_more_is_asked_for() throws Exception {
        List<HealthCheck> good = CHECKS.subList(1, 2);

        assertEquals(new HealthReport(true, "ok"), HealthReport.of("readyz", good, false, List.of()));
        assertEquals(
                new HealthReport(true, "[+]ping ok\n[+]other ok\nreadyz check passed\n"),
                HealthReport.of("readyz", good, true, List.of()));
    }

    @Test
    void what_does_not_work_is_always_told_check_by_check() throws Exception {
        String lines = "[+]ping ok\n[-]object-store failed: it is full\n[+]other ok\nreadyz check failed\n";

        assertEquals(new HealthReport(false, lines), HealthReport.of("readyz", CHECKS, false, List.of()));
        assertEquals(new HealthReport(false, lines), HealthReport.of("readyz", CHECKS, true, List.of()));
    }

    @Test
    void a_check_can_be_left_out_and_one_that_is_not_there_is_told() throws Exception {
        assertEquals(
                new HealthReport(
                        true,
                        "[+]ping ok\n[+]object-store excluded: ok\n[+]other ok\n"
                                + "warn: some health checks cannot be excluded: no matches for \"etcd\"\nreadyz check passed\n"),
                HealthReport.of("readyz", CHECKS, true, List.of("object-store", "etcd")));
    }

    @Test
    void a_check_can_be_asked_for_by_itself() throws Exception {
        assertEquals(
                Optional.of(new HealthReport(false, "internal server error: it is full\n")),
                HealthReport.ofOne("object-store", CHECKS));
        assertEquals(Optional.of(new HealthReport(true, "ok")), HealthReport.ofOne("ping", CHECKS));
        assertEquals(Optional.empty(), HealthReport.ofOne("etcd", CHECKS));
    }
}
