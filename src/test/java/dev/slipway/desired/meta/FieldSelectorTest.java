package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldSelectorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | true",
                "metadata.name=web | true",
                "metadata.name==web,status.phase!=Failed | true",
                "metadata.name!=web | false",
                "status.phase=Failed | false",
                "spec.nodeName= | true",
                "spec.unschedulable=true | true",
                "spec.text=a\\,b\\=c\\\\d | true",
            })
    void a_selector_holds_when_all_its_terms_do(String selector, boolean expected) throws IOException {
        String json = """
                {"metadata": {"name": "web"}, "spec": {"unschedulable": true, "text": "a,b=c\\\\d"},
                 "status": {"phase": "Running"}}""";
        ApiObject object = ApiObject.of(ObjectCodec.readObject(json.getBytes(StandardCharsets.UTF_8)));

        assertEquals(expected, FieldSelector.parse(selector).matches(object));
    }

    @ParameterizedTest
    @ValueSource(strings = {"metadata.name", "=a", "a=b=c", "a=b\\x", "a=b\\"})
    void what_is_no_selector_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> FieldSelector.parse(text));
    }

    @Test
    void terms_tell_which_fields_are_meant() {
        FieldSelector selector = FieldSelector.parse("a.b=c, d!=e");

        assertEquals(
                List.of(new FieldSelector.Term("a.b", "c", true), new FieldSelector.Term("d", "e", false)),
                selector.terms());
    }
}
