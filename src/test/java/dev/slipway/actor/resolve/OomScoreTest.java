package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.kind.QosClass;
import org.junit.jupiter.api.Test;

class OomScoreTest {
    private static final long HOST = 8L << 30;

    @Test
    void who_asked_for_more_is_killed_later() {
        assertEquals(-997, OomScore.adjustment(QosClass.GUARANTEED, 1L << 30, HOST));
        assertEquals(1000, OomScore.adjustment(QosClass.BEST_EFFORT, 0, HOST));
        assertEquals(999, OomScore.adjustment(QosClass.BURSTABLE, 0, HOST));
        assertEquals(875, OomScore.adjustment(QosClass.BURSTABLE, HOST / 8, HOST));
        assertEquals(3, OomScore.adjustment(QosClass.BURSTABLE, HOST, HOST));
        assertEquals(3, OomScore.adjustment(QosClass.BURSTABLE, Long.MAX_VALUE, HOST));
        assertEquals(967, OomScore.adjustment(QosClass.BURSTABLE, 333, 9999), "as the kubelet rounds");
    }
}
