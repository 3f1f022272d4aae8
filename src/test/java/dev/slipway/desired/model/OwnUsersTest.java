package dev.slipway.desired.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnUsersTest {
    @Test
    void a_container_has_users_of_its_own_unless_it_says_otherwise() throws Exception {
        assertTrue(OwnUsers.isWanted(spec("{}")));
        assertTrue(OwnUsers.isWanted(spec("{\"userNamespace\":{\"mode\":\"Auto\"}}")));
        assertFalse(OwnUsers.isWanted(spec("{\"userNamespace\":{\"mode\":\"Host\"}}")));
    }

    @Test
    void what_needs_the_host_s_users_has_them() throws Exception {
        assertFalse(OwnUsers.isWanted(spec("{\"hostNetwork\":true}")));
        assertFalse(OwnUsers.isWanted(spec("{\"securityContext\":{\"privileged\":true}}")));
        assertEquals(
                List.of("hostPID", "hostIPC"),
                OwnUsers.obstacles(spec("{\"hostPID\":true,\"hostIPC\":true,\"hostNetwork\":false}")));
    }

    private static JsonNode spec(String json) throws JsonProcessingException {
        return new JsonMapper().readTree(json);
    }
}
