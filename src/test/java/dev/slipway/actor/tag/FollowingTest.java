package dev.slipway.actor.tag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.slipway.actor.tag.Following.By;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FollowingTest {
    private static final List<String> TAGS = List.of(
            "latest", "v9", "v10", "1.3.9", "1.4", "1.4.0", "1.10.2", "2.0.0", "2.1.0-rc.1", "16-alpine", "nightly-2");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {range: ">=1.4 <2"}               | 1.10.2
            {range: ">=1.4", pattern: "^2"}   | 2.0.0
            {pattern: "^v"}                   | v10
            {range: ">=99", pattern: "^zzz"}  | none
            {by: Pattern, pattern: "alpine"}  | 16-alpine
            {}                                | stable
            """)
    void who_names_a_range_or_a_pattern_need_not_say_by_what(String follow, String chosen) throws Exception {
        ObjectNode object = (ObjectNode) new YAMLMapper().readTree("spec: {target: {follow: %s}}".formatted(follow));
        object.put("apiVersion", "slipway.dev/v1alpha1").put("kind", "Tag");
        object.withObject("/metadata").put("name", "web");
        object.withObject("/spec/target/follow").put("reference", "hub.lan/acme/web:stable");

        Following following = Following.of(ApiObject.of(object)).orElseThrow();

        assertEquals(chosen, following.choose(TAGS).map(Reference::tag).orElse("none"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DIGEST  |          |            | stable
            SEM_VER | >=1.4 <2 |            | 1.10.2
            SEM_VER | 1.4.x    |            | 1.4.0
            SEM_VER |          |            | v10
            SEM_VER |          | ^[0-9]     | 2.0.0
            SEM_VER | 99       |            | none
            PATTERN |          | ^v         | v10
            PATTERN |          | alpine$    | 16-alpine
            PATTERN |          | ^x         | none
            """)
    void one_tag_of_the_repository_is_chosen(By by, String range, String pattern, String chosen)
            throws InvalidReferenceException {
        Following following = new Following(
                Reference.parse("hub.lan/acme/web:stable"),
                by,
                range == null ? "" : range,
                pattern == null ? "" : pattern,
                Duration.ofMinutes(5),
                true);

        assertEquals(chosen, following.choose(TAGS).map(Reference::tag).orElse("none"));
    }
}
