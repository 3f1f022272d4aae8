package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Lays a server-made `Table` out in columns, three spaces apart, as kubectl does. Widths never shrink, so that rows
/// of a watch stay aligned with those before them.
public final class Columns {
    private static final String GAP = "   ";

    private final boolean wide;
    private final boolean namespaced;
    private final String prefix;
    private final List<Integer> shown = new ArrayList<>();
    private final List<Integer> widths = new ArrayList<>();
    private final boolean headers;
    private boolean headed;

    /// @param wide with the columns of priority 1 and above
    /// @param namespaced with a NAMESPACE column first
    /// @param prefix of names, for tables of several kinds
    public Columns(boolean wide, boolean namespaced, String prefix) {
        this(wide, namespaced, prefix, true);
    }

    /// @param headers whether the first line names the columns
    public Columns(boolean wide, boolean namespaced, String prefix, boolean headers) {
        this.headers = headers;
        this.wide = wide;
        this.namespaced = namespaced;
        this.prefix = prefix;
    }

    /// The lines for `table`, with a header in front of the first.
    public List<String> lines(JsonNode table) {
        List<List<String>> rows = new ArrayList<>();
        if (!headed && !table.path("columnDefinitions").isEmpty()) {
            headed = true;
            List<String> header = header(table.path("columnDefinitions"));
            if (headers) {
                rows.add(header);
            }
        }
        table.path("rows").forEach(row -> rows.add(cells(row)));
        rows.forEach(this::widen);
        return rows.stream().map(this::line).toList();
    }

    private List<String> header(JsonNode definitions) {
        List<String> names = new ArrayList<>();
        if (namespaced) {
            names.add("NAMESPACE");
        }
        for (int i = 0; i < definitions.size(); i++) {
            if (wide || definitions.get(i).path("priority").asInt() == 0) {
                shown.add(i);
                names.add(definitions.get(i).path("name").asText().toUpperCase(Locale.ROOT));
            }
        }
        return names;
    }

    private List<String> cells(JsonNode row) {
        List<String> cells = new ArrayList<>();
        if (namespaced) {
            cells.add(row.path("object").path("metadata").path("namespace").asText());
        }
        for (int i : shown) {
            JsonNode cell = row.path("cells").path(i);
            String text = cell.isNull() || cell.isMissingNode() ? "<none>" : PrintableText.line(cell.asText());
            cells.add(i == 0 ? prefix + text : text);
        }
        return cells;
    }

    private void widen(List<String> row) {
        for (int i = 0; i < row.size(); i++) {
            int width = row.get(i).length();
            if (i == widths.size()) {
                widths.add(width);
            } else if (widths.get(i) < width) {
                widths.set(i, width);
            }
        }
    }

    private String line(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            line.append(row.get(i));
            if (i < row.size() - 1) {
                line.append(" ".repeat(widths.get(i) - row.get(i).length())).append(GAP);
            }
        }
        return line.toString();
    }
}
