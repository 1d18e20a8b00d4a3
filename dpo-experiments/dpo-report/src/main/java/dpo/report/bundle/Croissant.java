package dpo.report.bundle;

import dpo.harness.store.Json;
import dpo.report.results.Results;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The description of a bundle as a data set, in Croissant 1.0 (mlcommons.org/croissant): the tables and the JSON lines
 * with their hashes, and the columns of each.
 */
final class Croissant {

    static final String FILE = "croissant.json";

    private static final List<String> LINES = List.of("metrics", "evaluations", "pairs", "frontier");

    private final Results results;
    private final SortedMap<String, BundleManifest.Entry> entries;
    private final List<Object> distribution = new ArrayList<>();
    private final List<Object> recordSets = new ArrayList<>();

    private Croissant(Results results, SortedMap<String, BundleManifest.Entry> entries) {
        this.results = results;
        this.entries = entries;
    }

    /**
     * Describes a bundle.
     *
     * @param name of the experiment
     * @param results what the bundle holds
     * @param entries its other entries
     */
    static Map<String, Object> of(
            String name, String description, Results results, SortedMap<String, BundleManifest.Entry> entries) {
        Croissant croissant = new Croissant(results, entries);
        croissant.addTable("runs", "results.csv");
        croissant.addTable("summary", "summary.csv");
        LINES.forEach(croissant::addLines);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("@context", context());
        document.put("@type", "sc:Dataset");
        document.put("conformsTo", "http://mlcommons.org/croissant/1.0");
        document.put("name", name.replaceAll("[^A-Za-z0-9_-]", "-"));
        document.put("description", description);
        document.put("version", "1.0.0");
        published(results).ifPresent(date -> document.put("datePublished", date));
        document.put("distribution", croissant.distribution);
        document.put("recordSet", croissant.recordSets);
        return document;
    }

    /** The day on which the last run ended. */
    private static Optional<String> published(Results results) {
        return results.runs().stream()
                .map(run -> run.document().path("finished").asString(""))
                .filter(instant -> instant.length() >= 10)
                .max(String::compareTo)
                .map(instant -> instant.substring(0, 10));
    }

    private static Map<String, Object> context() {
        try (InputStream in = Croissant.class.getResourceAsStream("croissant-context.json")) {
            if (in == null) {
                throw new IllegalStateException("the class path must hold dpo/report/bundle/croissant-context.json");
            }
            return Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void addTable(String view, String file) {
        addFile(file, "text/csv");
        addRecords(view, reference("fileObject", file));
    }

    /** The JSON lines of all runs as one set of records, and each file with its hash. */
    private void addLines(String view) {
        String end = view + ".jsonl";
        List<String> files = entries.keySet().stream()
                .filter(name -> name.equals(end) || (name.startsWith("runs/") && name.endsWith("/" + end)))
                .toList();
        if (files.isEmpty()) {
            return;
        }
        files.forEach(file -> addFile(file, "application/jsonlines"));
        String id = "files-of-" + view;
        distribution.add(node(
                "cr:FileSet",
                id,
                Map.of(
                        "encodingFormat",
                        "application/jsonlines",
                        "includes",
                        files.get(0).equals(end) ? end : "runs/*/" + end)));
        addRecords(view, reference("fileSet", id));
    }

    private void addFile(String file, String format) {
        BundleManifest.Entry entry = entries.get(file);
        if (entry == null) {
            throw new IllegalStateException("bundle must hold " + file);
        }
        Map<String, Object> object = node("cr:FileObject", file, Map.of());
        object.put("contentUrl", file);
        object.put("contentSize", entry.bytes() + " B");
        object.put("encodingFormat", format);
        object.put("sha256", entry.sha256());
        distribution.add(object);
    }

    private void addRecords(String view, Map<String, Object> source) {
        List<Object> fields = new ArrayList<>();
        List<String> others = new ArrayList<>();
        Map<String, String> columns = columns(view);
        Set<String> everywhere = inEveryFile(view, columns.keySet());
        columns.forEach((name, type) -> {
            if (type.isEmpty() || !everywhere.contains(name)) {
                others.add(name);
            } else {
                fields.add(field(view, name, type, source));
            }
        });
        Map<String, Object> records = node("cr:RecordSet", view, Map.of());
        if (!others.isEmpty()) {
            records.put("description", "Further columns, nested or not of every run: " + String.join(", ", others));
        }
        records.put("field", fields);
        recordSets.add(records);
    }

    /** Names and types of the columns, without the run's. */
    private Map<String, String> columns(String view) {
        Map<String, String> columns = new LinkedHashMap<>();
        results.query("DESCRIBE " + view)
                .rows()
                .forEach(column -> columns.put(String.valueOf(column.get(0)), type(String.valueOf(column.get(1)))));
        columns.remove("run");
        return columns;
    }

    /** The columns that have a value in each file: readers of a set of files expect each column in each of them. */
    private Set<String> inEveryFile(String view, Set<String> columns) {
        if (!LINES.contains(view) || columns.isEmpty()) {
            return columns;
        }
        String counts = columns.stream()
                .map(column -> "count(\"" + column.replace("\"", "\"\"") + "\")")
                .collect(Collectors.joining(", "));
        Set<String> everywhere = new LinkedHashSet<>(columns);
        for (List<?> run : results.query("SELECT " + counts + " FROM " + view + " GROUP BY run")
                .rows()) {
            Iterator<?> count = run.iterator();
            for (String column : columns) {
                if (((Number) count.next()).longValue() == 0) {
                    everywhere.remove(column);
                }
            }
        }
        return everywhere;
    }

    private static Map<String, Object> field(String view, String name, String type, Map<String, Object> of) {
        Map<String, Object> source = new LinkedHashMap<>(of);
        source.put("extract", Map.of("column", name));
        Map<String, Object> field = node("cr:Field", view + "/" + name, Map.of());
        field.put("dataType", type);
        field.put("source", source);
        return field;
    }

    /** The type of a column of single values; empty for nested ones, which {@code docs/reading-results.md} describes. */
    private static String type(String sql) {
        return switch (sql) {
            case "BIGINT", "UBIGINT", "HUGEINT" -> "sc:Integer";
            case "DOUBLE" -> "sc:Float";
            case "BOOLEAN" -> "sc:Boolean";
            case "VARCHAR" -> "sc:Text";
            default -> "";
        };
    }

    private static Map<String, Object> reference(String kind, String id) {
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put(kind, Map.of("@id", id(id)));
        return reference;
    }

    /** Identifiers have no spaces. */
    private static String id(String name) {
        return name.replaceAll("\\s", "-");
    }

    private static Map<String, Object> node(String type, String id, Map<String, Object> others) {
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("@type", type);
        node.put("@id", id(id));
        node.put("name", id);
        new TreeMap<>(others).forEach(node::put);
        return node;
    }
}
