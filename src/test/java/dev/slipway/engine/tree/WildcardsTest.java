package dev.slipway.engine.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The grammar that Go documents for filepath.Match, and that of copies from the host.
class WildcardsTest {
    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "*, abc, true",
        "*, .env, true",
        "?env, .env, true",
        "a*, a, true",
        "a*, ab, true",
        "a*b*c*d, abxbxcxxd, true",
        "a*b*c*d, abxbxcxx, false",
        "a?c, aéc, true",
        "a?c, a😀c, true",
        "a?c, ac, false",
        "ab[c], abc, true",
        "ab[b-d], abc, true",
        "ab[e-g], abc, false",
        "ab[^c], abc, false",
        "ab[^b-d], abc, false",
        "ab[^e-g], abc, true",
        "[ab]?.txt, a1.txt, true",
        "[ab]?.txt, c1.txt, false",
        "[!a], !, true",
        "[!a], b, false",
        "[a-ce-g], f, true",
        "[a-ce-g], d, false",
        "[c-a], b, false",
        "[c-ab], b, true",
        "[^c-a], b, true",
        "[\\]a], ], true",
        "[\\-], -, true",
        "[x\\-], z, false",
        "[&&^[], &, true",
        "a\\*b, a*b, true",
        "a\\*b, axb, false",
        "arr[[]0].txt, arr[0].txt, true",
        "a], a], true",
        "a.b, axb, false",
    })
    void go_patterns_match_as_documented(String pattern, String name, boolean matches) {
        assertEquals(matches, Wildcards.GO.matching(pattern).test(name));
    }

    @ParameterizedTest
    @CsvSource({
        "a[, a[ is no pattern: a [ is not closed",
        "[a, [a is no pattern: a [ is not closed",
        "[^, [^ is no pattern: a [ is not closed",
        "[a-, [a- is no pattern: a [ is not closed",
        "[], [] is no pattern: ] at this place in brackets needs a backslash",
        "[]a], []a] is no pattern: ] at this place in brackets needs a backslash",
        "[-x], [-x] is no pattern: - at this place in brackets needs a backslash",
        "[x-], [x-] is no pattern: ] at this place in brackets needs a backslash",
        "a\\, a\\ is no pattern: nothing follows the backslash",
    })
    void what_go_calls_a_bad_pattern_is_refused(String pattern, String message) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Wildcards.GO.matching(pattern));

        assertEquals(message, refused.getMessage());
    }

    @Test
    void a_shell_leaves_out_what_begins_with_a_dot_and_takes_brackets_as_they_are() {
        assertFalse(Wildcards.SHELL.matching("*").test(".env"));
        assertTrue(Wildcards.SHELL.matching(".e*").test(".env"));
        assertFalse(Wildcards.SHELL.isPattern("/usr/bin/["));
        assertTrue(Wildcards.SHELL.matching("[*").test("[a"));
    }

    @Test
    @Timeout(20)
    void a_pattern_of_many_stars_costs_no_more_than_its_length() {
        String hostile = "*a".repeat(40) + "*b";
        String name = "a".repeat(4000);
        for (Wildcards wildcards : Wildcards.values()) {
            assertFalse(wildcards.matching(hostile).test(name));
            assertTrue(wildcards.matching(hostile).test(name + "b"));
            assertTrue(wildcards.matching("*ab*ab").test("aabxabab"));
            assertFalse(wildcards.matching("*ab*ab").test("xabab."));
        }
    }
}
