package dev.slipway.desired.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.Golden;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What becomes of an object on its way to the store: fields that nobody knows, wrong types, defaults, broken rules,
/// fields that are not enforced. With `before.yaml` it is an update.
class KindRulesTest {
    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(KindRulesTest.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void an_object_is_completed_or_refused(Golden.Case each) throws Exception {
        ObjectNode object = each.document("in.yaml");
        Kind kind = kind(object);
        ObjectNode before = each.optional("before.yaml").orElse(null);
        ObjectNode out = ObjectCodec.json().createObjectNode();
        Decoding decoding = Decoding.of(object, kind, false);
        add(out, "unknown", decoding.unknown());
        add(out, "mistyped", decoding.mistyped());

        if (decoding.mistyped().isEmpty()) {
            Findings findings = new Findings();
            kind.complete(object);
            if (before != null) {
                kind.complete(before);
            }
            ApiObject candidate = ApiObject.of(object);
            CommonRules.validate(kind, candidate, before == null ? null : ApiObject.of(before), findings);
            kind.validate(candidate, before == null ? null : ApiObject.of(before), findings);
            add(
                    out,
                    "findings",
                    findings.errors().stream().map(FieldError::toString).toList());
            add(out, "ignored", kind.ignoredFields(candidate));
            if (findings.errors().isEmpty()) {
                out.set("object", object);
            }
        }

        each.expect("out.yaml", out);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void completing_twice_is_completing_once(Golden.Case each) throws Exception {
        ObjectNode object = each.document("in.yaml");
        Kind kind = kind(object);
        if (Decoding.of(object, kind, false).mistyped().isEmpty()) {
            kind.complete(object);
            ObjectNode once = object.deepCopy();

            kind.complete(object);

            assertEquals(once, object);
        }
    }

    private static Kind kind(ObjectNode object) {
        return Catalog.kinds()
                .find(object.path("apiVersion").asText(), object.path("kind").asText())
                .orElseThrow();
    }

    private static void add(ObjectNode out, String field, List<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode list = out.putArray(field);
            texts.forEach(list::add);
        }
    }
}
