package dev.slipway.desired.kind.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageKindsTest {
    private static final String OPTIONS = "spec.mountOptions: accepted, but only a volume of nfs is mounted with them";
    private static final String SOURCE =
            "spec: Slipway binds PersistentVolumes of these sources only: hostPath, local, nfs";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'hostPath: {path: /srv}'                            | ''
            'hostPath: {path: /srv}, mountOptions: []'          | ''
            'hostPath: {path: /srv}, mountOptions: [noexec]'    | O
            'local: {path: /srv}, mountOptions: [noexec]'       | O
            'nfs: {server: a, path: /a}, mountOptions: [hard]'  | ''
            'csi: {driver: a}'                                  | S
            'csi: {driver: a}, mountOptions: [hard]'            | SO
            """)
    void a_declared_volume_that_is_not_wholly_as_declared_says_so(String source, String expected) throws Exception {
        ObjectNode volume = (ObjectNode) ObjectCodec.yaml().readTree("{spec: {" + source + "}}");

        List<String> warnings = StorageKinds.persistentVolume().warnings(ApiObject.of(volume));

        List<String> all = expected.chars()
                .mapToObj(each -> each == 'S' ? SOURCE : OPTIONS)
                .toList();
        assertEquals(all, warnings);
    }
}
