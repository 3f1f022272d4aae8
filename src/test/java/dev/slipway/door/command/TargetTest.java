package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TargetTest {
    @Test
    void a_kind_alone_means_all_of_it() {
        assertEquals(List.of(new Target("pods", "")), of("pods"));
        assertEquals(List.of(new Target("pods", ""), new Target("images", "")), of("pods,images"));
    }

    @Test
    void names_follow_their_kind() {
        assertEquals(List.of(new Target("pod", "a"), new Target("pod", "b")), of("pod", "a", "b"));
    }

    @Test
    void pairs_may_be_of_several_kinds() {
        assertEquals(List.of(new Target("pod", "a"), new Target("ctr", "b")), of("pod/a", "ctr/b"));
    }

    @Test
    void words_that_name_nothing_are_wrong_usage() {
        assertThrows(WrongUsageException.class, () -> of());
        for (String[] words :
                new String[][] {{"pod/"}, {"/a"}, {"pod/a/b"}, {"pod/a", "b"}, {"pod", "x/y"}, {"pod", ""}}) {
            assertThrows(WrongUsageException.class, () -> of(words), String.join(" ", words));
        }
    }

    private static List<Target> of(String... words) {
        return Target.of(List.of(words));
    }
}
