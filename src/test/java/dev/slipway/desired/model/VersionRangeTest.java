package dev.slipway.desired.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRangeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            >=1.4 <2    | 1.4.0 1.9.9             | 1.3.9 2.0.0 2.0.0-rc.1
            16.x        | 16.0.0 16.9.3 v16.1     | 15.9.9 17.0.0
            16          | 16.2                    | 17
            1.2         | 1.2.0 1.2.9             | 1.3.0
            1.2.3       | 1.2.3 v1.2.3            | 1.2.4
            ~1.2.3      | 1.2.3 1.2.9             | 1.2.2 1.3.0
            ~1          | 1.0.0 1.9.0             | 2.0.0
            ^1.2.3      | 1.2.3 1.9.0             | 2.0.0 1.2.2
            ^0.2.3      | 0.2.3 0.2.9             | 0.3.0
            ^0.0.3      | 0.0.3                   | 0.0.4
            1.0 - 2.0   | 1.0.0 2.0.9             | 2.1.0
            <1 or >=3   | 0.9.0 3.0.0             | 1.0.0 2.5.0
            >1.2        | 1.3.0                   | 1.2.5
            <=1.2       | 1.2.5                   | 1.3.0
            *           | 0.0.1 99.0.0            | 1.0.0-rc.1
            >=1.0.0-rc.1 <2 | 1.0.0-rc.2 1.0.0    | 1.0.0-beta
            """)
    void a_range_has_these_versions_and_not_those(String range, String in, String out) {
        VersionRange parsed = VersionRange.parse(range.replace("or", "||")).orElseThrow();

        for (String version : in.split(" ")) {
            assertTrue(parsed.contains(SemVer.parse(version).orElseThrow()), version);
        }
        for (String version : out.split(" ")) {
            assertEquals(false, parsed.contains(SemVer.parse(version).orElseThrow()), version);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "latest", ">=", "1.2 ||", "==1", "1.2.3.4", ">=1 and <2"})
    void what_is_no_range_is_refused(String text) {
        assertTrue(VersionRange.parse(text).isEmpty());
    }

    @Test
    void versions_are_in_the_order_of_the_specification() {
        List<String> ordered = List.of(
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.2.0",
                "1.10.0",
                "2.0.0");

        List<SemVer> versions =
                ordered.stream().flatMap(text -> SemVer.parse(text).stream()).toList();

        assertEquals(versions, versions.reversed().stream().sorted().toList());
        assertEquals(ordered.size(), versions.size());
        assertTrue(Stream.of("latest", "1.x", "", "01.2.3", "1.2.3.4")
                .allMatch(text -> SemVer.parse(text).isEmpty()));
    }
}
