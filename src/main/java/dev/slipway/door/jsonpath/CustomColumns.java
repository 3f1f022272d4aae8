package dev.slipway.door.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// A table whose columns the user names: `NAME:.metadata.name,IMAGE:.spec.image`.
public record CustomColumns(List<Column> columns) {
    private static final String GAP = "   ";

    public CustomColumns {
        columns = List.copyOf(columns);
    }

    record Column(String header, JsonPath path) {
        String cell(JsonNode object) {
            List<JsonNode> values = path.find(object);
            return values.isEmpty() ? "<none>" : JsonPath.text(values, ",");
        }
    }

    /// @throws IllegalArgumentException when the text names none
    public static CustomColumns parse(String text) {
        List<Column> columns = new ArrayList<>();
        for (String part : text.split(",(?=[^,:]+:)", -1)) {
            int colon = part.indexOf(':');
            if (colon < 1 || colon == part.length() - 1) {
                throw new IllegalArgumentException("not of the form HEADER:PATH,...: \"%s\"".formatted(part));
            }
            columns.add(new Column(part.substring(0, colon), JsonPath.parse(part.substring(colon + 1))));
        }
        return new CustomColumns(columns);
    }

    /// A header, and a line for each object.
    public List<String> lines(List<JsonNode> objects) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(columns.stream().map(Column::header).toList());
        objects.forEach(object ->
                rows.add(columns.stream().map(each -> each.cell(object)).toList()));
        List<Integer> widths = IntStream.range(0, columns.size())
                .mapToObj(i -> Collections.max(
                        rows.stream().map(row -> row.get(i).length()).toList()))
                .toList();
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            boolean isLast = i == row.size() - 1;
            String cell = row.get(i);
            line.append(cell).append(isLast ? "" : " ".repeat(widths.get(i) - cell.length()) + GAP);
        }
        return line.toString();
    }
}
