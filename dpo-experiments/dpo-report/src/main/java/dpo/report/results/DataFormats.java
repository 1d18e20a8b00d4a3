package dpo.report.results;

import dpo.harness.store.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Table formats for programs. */
final class DataFormats {

    private static final JsonMapper JSON_MAPPER = JsonMapper.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private static final Pattern FORMULA = Pattern.compile("(?s)[=+\\-@\t\r].*");
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]+(\\.[0-9]+)?(e-?[0-9]+)?");

    private DataFormats() {}

    static String csv(Table table) {
        StringBuilder text = new StringBuilder();
        List<List<@Nullable Object>> lines = new ArrayList<>();
        lines.add(new ArrayList<>(table.columns()));
        lines.addAll(table.rows());
        for (List<@Nullable Object> line : lines) {
            text.append(line.stream().map(DataFormats::field).collect(Collectors.joining(",")))
                    .append("\r\n");
        }
        return text.toString();
    }

    private static String field(@Nullable Object value) {
        String text = value instanceof String string
                ? inert(string)
                : value instanceof Double number ? Json.number(number) : Objects.toString(value, "");
        boolean quoted = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    /** Prefixes text that begins like a formula with an apostrophe, so that no spreadsheet evaluates it. */
    private static String inert(String text) {
        return FORMULA.matcher(text).matches() && !NUMBER.matcher(text).matches() ? "'" + text : text;
    }

    static String json(Table table) {
        String rows = table.rows().stream()
                .map(row -> JSON_MAPPER.writeValueAsString(object(table.columns(), row)))
                .collect(Collectors.joining(",\n"));
        return rows.isEmpty() ? "[]\n" : "[\n" + rows + "\n]\n";
    }

    private static Map<String, @Nullable Object> object(List<String> columns, List<@Nullable Object> row) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.get(i);
            boolean finite = !(value instanceof Number number) || Double.isFinite(number.doubleValue());
            object.put(columns.get(i), finite ? value : null);
        }
        return object;
    }
}
