package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNameTest {
    private static final List<String> FIELDS =
            List.of("args", "command", "env", "envFrom", "image", "imagePullPolicy", "livenessProbe", "name", "ports");

    @Test
    void a_letter_or_two_may_be_wrong() {
        assertEquals(Optional.of("command"), NearestName.misspelled("comand", FIELDS));
        assertEquals(Optional.of("env"), NearestName.misspelled("evn", FIELDS));
        assertEquals(Optional.of("args"), NearestName.misspelled("arg", FIELDS));
        assertEquals(Optional.of("imagePullPolicy"), NearestName.misspelled("imagePulPolcy", FIELDS));
    }

    @Test
    void capitals_and_separators_do_not_count() {
        assertEquals(Optional.of("imagePullPolicy"), NearestName.misspelled("image_pull_policy", FIELDS));
        assertEquals(Optional.of("envFrom"), NearestName.misspelled("EnvFrom", FIELDS));
        assertEquals(Optional.of("livenessProbe"), NearestName.misspelled("liveness-probe", FIELDS));
    }

    @Test
    void another_word_is_no_misspelling() {
        assertEquals(Optional.empty(), NearestName.misspelled("foo", FIELDS));
        assertEquals(Optional.empty(), NearestName.misspelled("tags", FIELDS));
        assertEquals(Optional.empty(), NearestName.of("volumes", FIELDS));
        assertEquals(Optional.empty(), NearestName.of("im", FIELDS), "which of the two?");
    }

    @Test
    void a_name_far_too_long_costs_no_more_room_than_it_has_itself() {
        assertEquals(Optional.empty(), NearestName.of("x".repeat(20_000_000), FIELDS));
    }

    @Test
    void a_part_of_a_name_or_more_than_it_can_be_meant_for_it() {
        assertEquals(Optional.of("livenessProbe"), NearestName.of("liveness", FIELDS));
        assertEquals(Optional.of("env"), NearestName.of("environment", FIELDS));
        assertEquals(Optional.of("image"), NearestName.of("imageTag", FIELDS));
        assertEquals(Optional.empty(), NearestName.of("namespaceSelector", FIELDS), "no name is meant");
        assertEquals(Optional.empty(), NearestName.misspelled("environment", FIELDS));
    }
}
