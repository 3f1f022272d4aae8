package dev.slipway.desired.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class QosClassTest {
    @Test
    void limits_that_are_requests_guarantee() throws IOException {
        assertEquals(QosClass.GUARANTEED, of("{limits: {cpu: 1, memory: 1Gi}}"));
        assertEquals(
                QosClass.GUARANTEED, of("{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}}"));
        assertEquals(QosClass.BURSTABLE, of("{limits: {memory: 1Gi}}"));
        assertEquals(QosClass.BURSTABLE, of("{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}"));
        assertEquals(QosClass.BURSTABLE, of("{requests: {cpu: 500m}}"));
        assertEquals(QosClass.BEST_EFFORT, of("{}"));
        assertEquals(QosClass.BEST_EFFORT, of("{requests: {cpu: 0}}"));
    }

    private static QosClass of(String resources) throws IOException {
        return QosClass.of(ObjectCodec.yaml()
                .readTree("containers: [{name: main, image: a, resources: %s}]".formatted(resources)));
    }
}
