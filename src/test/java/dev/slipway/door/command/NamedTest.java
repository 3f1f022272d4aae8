package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NamedTest {
    @Test
    void the_kind_stands_before_the_name_without_its_group() {
        assertEquals(new Named("", "web"), Named.of("web"));
        assertEquals(new Named("pod", "web"), Named.of("pod/web"));
        assertEquals(new Named("container", "web"), Named.of("container.slipway.dev/web"));
        assertEquals(new Named("deployment", "web"), Named.of("Deployment.apps/web"));
    }

    @Test
    void what_has_no_kind_may_be_any_but_an_image() {
        Named plain = Named.of("web");

        assertTrue(plain.mayBeContainer() && plain.mayBePod() && plain.mayBeDeployment());
        assertFalse(plain.isImage());
    }

    @Test
    void what_has_a_kind_is_of_no_other() {
        Named deployment = Named.of("deploy/web");

        assertTrue(deployment.mayBeDeployment());
        assertFalse(deployment.mayBeContainer() || deployment.mayBePod() || deployment.isImage());
        assertTrue(Named.of("images.slipway.dev/web").isImage());
        assertFalse(Named.of("service/web").mayBePod());
    }
}
