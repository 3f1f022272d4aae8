package dev.slipway.actor.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QosClassTest {
    private static final long HOST = 8L << 30;

    @Test
    void limits_that_are_requests_guarantee() {
        assertEquals(QosClass.GUARANTEED, of("{limits: {cpu: 1, memory: 1Gi}}"));
        assertEquals(
                QosClass.GUARANTEED, of("{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}}"));
        assertEquals(QosClass.BURSTABLE, of("{limits: {memory: 1Gi}}"));
        assertEquals(QosClass.BURSTABLE, of("{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}"));
        assertEquals(QosClass.BURSTABLE, of("{requests: {cpu: 500m}}"));
        assertEquals(QosClass.BEST_EFFORT, of("{}"));
        assertEquals(QosClass.BEST_EFFORT, of("{requests: {cpu: 0}}"));
    }

    @Test
    void who_asked_for_more_is_killed_later() {
        assertEquals(-997, QosClass.GUARANTEED.oomScoreAdjustment(1L << 30, HOST));
        assertEquals(1000, QosClass.BEST_EFFORT.oomScoreAdjustment(0, HOST));
        assertEquals(999, QosClass.BURSTABLE.oomScoreAdjustment(0, HOST));
        assertEquals(875, QosClass.BURSTABLE.oomScoreAdjustment(HOST / 8, HOST));
        assertEquals(3, QosClass.BURSTABLE.oomScoreAdjustment(HOST, HOST));
        assertEquals(3, QosClass.BURSTABLE.oomScoreAdjustment(Long.MAX_VALUE, HOST));
        assertEquals(967, QosClass.BURSTABLE.oomScoreAdjustment(333, 9999), "as the kubelet rounds");
    }

    private static QosClass of(String resources) {
        return QosClass.of(ResolveRig.pod("containers: [{name: main, image: a, resources: %s}]".formatted(resources))
                .spec());
    }
}
