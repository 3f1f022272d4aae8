package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwaitedTest {
    private static final String POD = """
            metadata: {name: web, generation: 2}
            spec: {template: "{x}", list: ["a=b"]}
            status:
              phase: Running
              count: 3
              conditions:
              - {type: Ready, status: "True", observedGeneration: 2}
              - {type: Old, status: "True", observedGeneration: 1}
            """;

    @Test
    void a_value_at_a_path_is_awaited() throws IOException {
        assertMet("jsonpath={.status.phase}=Running");
        assertMet("jsonpath={.status.phase}='Running'");
        assertMet("jsonpath=.status.phase=Running");
        assertMet("jsonpath={.status.count}=3");
        assertMet("jsonpath={.status.conditions[?(@.type==\"Ready\")].status}=True");
        assertMet("jsonpath=.status.conditions[?(@.type==\"Ready\")].status=True");
        assertNotMet("jsonpath={.status.phase}=Pending");
        assertNotMet("jsonpath={.status.conditions[*].status}=True");
        assertNotMet("jsonpath={.status.nosuch}=");
    }

    @Test
    void a_value_may_have_braces_brackets_and_equals_signs() throws IOException {
        assertMet("jsonpath={.spec.template}={x}");
        assertMet("jsonpath={ .spec.template }='{x}'");
        assertMet("jsonpath=.spec.template={x}");
        assertMet("jsonpath={.spec.list}=[\"a=b\"]");
        assertMet("jsonpath=.spec.list=[\"a=b\"]");
        assertMet("jsonpath={.spec.list[0]}=a=b");
        assertNotMet("jsonpath={.spec.template}={y}");
    }

    @Test
    void any_value_will_do_where_none_is_said() throws IOException {
        assertMet("jsonpath={.status.phase}");
        assertNotMet("jsonpath={.status.nosuch}");
    }

    @Test
    void a_condition_counts_for_its_generation() throws IOException {
        assertMet("condition=Ready");
        assertNotMet("condition=Ready=False");
        assertNotMet("condition=Old");
    }

    @Test
    void an_object_that_is_gone_has_nothing() throws IOException {
        JsonNode pod = ObjectCodec.yaml().readTree(POD);

        assertTrue(Awaited.parse("delete").isMetBy("DELETED", pod));
        assertFalse(Awaited.parse("jsonpath={.status.phase}=Running").isMetBy("DELETED", pod));
    }

    @Test
    void it_is_told_as_it_was_asked() {
        assertEquals(
                "{.status.phase}=Running",
                Awaited.parse("jsonpath={.status.phase}=Running").words());
    }

    @Test
    void nothing_else_can_be_awaited() {
        for (String wrong : List.of(
                "",
                "jsonpath=",
                "jsonpath={.a[}=b",
                "jsonpath={.a}b",
                "jsonpath={}=b",
                "condition=",
                "phase",
                "sunrise")) {
            assertThrows(WrongUsageException.class, () -> Awaited.parse(wrong), wrong);
        }
    }

    private static void assertMet(String text) throws IOException {
        assertTrue(Awaited.parse(text).isMetBy("MODIFIED", ObjectCodec.yaml().readTree(POD)), text);
    }

    private static void assertNotMet(String text) throws IOException {
        assertFalse(Awaited.parse(text).isMetBy("MODIFIED", ObjectCodec.yaml().readTree(POD)), text);
    }
}
