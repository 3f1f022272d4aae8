package dev.slipway.desired.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.Golden;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What `kubectl get` and `kubectl get -o wide` print; every object of a case is of one kind.
class TableTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(TableTest.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void objects_are_printed_as_kubectl_prints_them(Golden.Case each) throws Exception {
        List<ApiObject> objects = new ArrayList<>();
        for (ObjectNode document : each.documents("in.yaml")) {
            objects.add(ApiObject.of(document));
        }
        Kind kind = Catalog.kinds()
                .find(objects.getFirst().apiVersion(), objects.getFirst().kind())
                .orElseThrow();

        String narrow = print(kind, objects, 0);
        String wide = print(kind, objects, 1);

        each.expect("out.txt", narrow + "\n" + wide);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "PT-5S, <invalid>",
        "PT-1S, 0s",
        "PT0S, 0s",
        "PT1M59S, 119s",
        "PT2M, 2m",
        "PT9M59S, 9m59s",
        "PT179M, 179m",
        "PT3H, 3h",
        "PT7H59M, 7h59m",
        "PT47H59M, 47h",
        "P2D, 2d",
        "P7DT23H, 7d23h",
        "P8DT1H, 8d",
        "P729D, 729d",
        "P731D, 2y1d",
        "P3000D, 8y"
    })
    void an_age_has_at_most_two_units(Duration age, String text) {
        assertEquals(text, Column.age(age));
    }

    private static String print(Kind kind, List<ApiObject> objects, int priority) {
        List<Column> columns = kind.table().stream()
                .filter(column -> column.priority() <= priority)
                .toList();
        List<List<String>> rows = new ArrayList<>();
        rows.add(columns.stream()
                .map(column -> column.name().toUpperCase(Locale.ROOT))
                .toList());
        objects.forEach(object -> rows.add(columns.stream()
                .map(column -> column.cell().apply(object, NOW).toString())
                .toList()));
        return aligned(rows);
    }

    private static String aligned(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(each -> each.get(column).length())
                        .max()
                        .orElse(0);
                line.append(row.get(i)).append(" ".repeat(width - row.get(i).length() + 3));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
