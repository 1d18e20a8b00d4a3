package dpo.report.results;

import static java.util.Collections.nCopies;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An in-memory DuckDB that loads no extension, opens no network connection and writes no temporary data. */
final class Database implements AutoCloseable {

    /** Maximum number of cells of a result, elements of lists included, which is in Java's heap. */
    private static final int MOST_CELLS = 5_000_000;

    /** Maximum number of characters of text in a result, which is stored as Java strings and then formatted. */
    private static final int MOST_CHARACTERS = 100_000_000;

    /** The deepest nesting of expressions: more would overflow the stack of a Java thread in the native library. */
    private static final int DEEPEST_EXPRESSION = 200;

    /** A statement in a common table expression other than a query, such as {@code COPY_QUERY_NODE}. */
    private static final Pattern WRITING_NODE = Pattern.compile("\"type\":\"([A-Z]+)_QUERY_NODE\"");

    /** Without the values of its columns, a pivot needs another statement that creates a type of them. */
    private static final Pattern PIVOT =
            Pattern.compile("\\bPIVOT(_WIDER)?\\b(?!.*\\bON\\b.*\\bIN\\b)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final Duration longest;

    /** Opened by the first statement: most tables need none. */
    private @Nullable Connection connection;

    /**
     * @param longest time limit of a query, in whole seconds
     */
    Database(Duration longest) {
        this.longest = longest;
    }

    private Connection connection() {
        if (connection == null) {
            connection = opened();
        }
        return connection;
    }

    private static Connection opened() {
        Properties options = new Properties();
        options.setProperty("threads", "2");
        options.setProperty("memory_limit", "2GB");
        options.setProperty("temp_directory", "");
        options.setProperty("autoinstall_known_extensions", "false");
        options.setProperty("autoload_known_extensions", "false");
        options.setProperty("allow_community_extensions", "false");
        options.setProperty("max_expression_depth", Integer.toString(DEEPEST_EXPRESSION));
        try {
            return DuckDbDriver.inMemory(options);
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB must open an in-memory database, got: " + e.getMessage(), e);
        }
    }

    void execute(String sql) {
        try (Statement statement = connection().createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw refused(sql, e);
        }
    }

    /**
     * Creates a table.
     *
     * @param types column → its type, in the order of the cells: VARCHAR, BIGINT, BOOLEAN or DOUBLE
     */
    void create(String table, Map<String, String> types, List<List<@Nullable Object>> rows) {
        String columns = types.entrySet().stream()
                .map(column -> Sql.name(column.getKey()) + " " + column.getValue())
                .collect(Collectors.joining(", "));
        execute("CREATE TABLE " + table + " (" + columns + ")");
        // A list per column: a statement per row takes milliseconds.
        String sql = "INSERT INTO " + table + " SELECT " + String.join(", ", nCopies(types.size(), "unnest(?)"));
        try (PreparedStatement insert = connection().prepareStatement(sql)) {
            int index = 0;
            for (String type : types.values()) {
                insert.setArray(index + 1, connection().createArrayOf(type, column(rows, index, type)));
                index++;
            }
            insert.execute();
        } catch (SQLException e) {
            throw refused(sql, e);
        }
    }

    private static @Nullable Object[] column(List<List<@Nullable Object>> rows, int index, String type) {
        return rows.stream()
                .map(row -> row.get(index))
                .map(cell ->
                        cell instanceof Number number && type.equals("DOUBLE") ? (Object) number.doubleValue() : cell)
                .toArray();
    }

    /** Forbids all further statements to access files, load extensions or change settings. */
    void seal() {
        execute("SET enable_external_access = false");
        execute("SET lock_configuration = true");
    }

    /**
     * Requires a single read-only statement. Text that cannot be parsed passes, because running it reports the
     * location.
     *
     * @throws IllegalArgumentException if it is none, several, or one that writes, loads or sets something
     */
    void requireOneQuery(String sql) {
        requireShallow(sql);
        List<@Nullable Object> parsed = parsed(sql);
        // The name of DuckDB's exception type for statements that json_serialize_sql does not take: all but queries.
        // Its
        // driver has no other sign of a statement's kind before it runs.
        boolean isOther = "not implemented".equals(parsed.get(0));
        Matcher writing = WRITING_NODE.matcher(String.valueOf(parsed.get(2)));
        if (isOther && PIVOT.matcher(sql).find()) {
            throw new IllegalArgumentException("sql must list the values of the columns that PIVOT is ON, as in"
                    + " PIVOT metrics ON step IN (1, 2) USING avg(loss), got " + sql);
        }
        if (isOther || writing.find()) {
            throw new IllegalArgumentException(
                    "sql must be a query that only reads (SELECT, WITH, FROM, VALUES, DESCRIBE,"
                            + " SUMMARIZE or SHOW), got " + (isOther ? sql : writing.group(1) + " in " + sql));
        }
        if (parsed.get(1) instanceof Number statements && statements.longValue() != 1) {
            throw new IllegalArgumentException("sql must be one query, got " + statements + ": " + sql);
        }
    }

    /**
     * Maximum number of nested parentheses: DuckDB's parser takes 10 s for 1,600, and its time grows faster than their
     * square.
     */
    private static void requireShallow(String sql) {
        int open = 0;
        for (int i = 0; i < sql.length(); i++) {
            char sign = sql.charAt(i);
            open += sign == '(' ? 1 : sign == ')' ? -1 : 0;
            if (open > DEEPEST_EXPRESSION) {
                throw new IllegalArgumentException(
                        "sql must have at most " + DEEPEST_EXPRESSION + " nested parentheses, got more");
            }
        }
    }

    /** Type of the error, number of statements, syntax tree. */
    private List<@Nullable Object> parsed(String sql) {
        String parse = "SELECT tree ->> 'error_type', json_array_length(tree, '$.statements'), tree::VARCHAR"
                + " FROM (SELECT json_serialize_sql(?)::JSON AS tree)";
        try (PreparedStatement statement = connection().prepareStatement(parse)) {
            statement.setString(1, sql);
            try (ResultSet result = statement.executeQuery()) {
                return table(result).rows().get(0);
            }
        } catch (SQLException e) {
            throw refused(sql, e);
        }
    }

    /**
     * Runs a query.
     *
     * @throws IllegalArgumentException if DuckDB refuses it, or the result is too large or takes too long
     */
    Table query(String sql) {
        try (Statement statement = connection().createStatement()) {
            statement.setQueryTimeout(Math.toIntExact(longest.toSeconds()));
            try (ResultSet result = statement.executeQuery(sql)) {
                return table(result);
            }
        } catch (SQLTimeoutException e) {
            throw new IllegalArgumentException(
                    "sql must be answered within " + longest.toSeconds() + " s, got a query that takes longer: " + sql,
                    e);
        } catch (SQLException e) {
            throw refused(sql, e);
        }
    }

    private static Table table(ResultSet result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(meta.getColumnLabel(i));
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        long cells = 0;
        long characters = 0;
        while (result.next()) {
            List<@Nullable Object> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                Object value = result.getObject(i);
                // Before the value becomes a text, which takes minutes for a list of millions.
                cells += size(value);
                requireAtMost(MOST_CELLS, cells, "cells");
                Object cell = cell(value);
                row.add(cell);
                characters += cell instanceof String text ? text.length() : 0;
                requireAtMost(MOST_CHARACTERS, characters, "characters");
            }
            rows.add(row);
        }
        return new Table(columns, rows);
    }

    /** The number of cells that a value counts for: the elements of a list, 1 for any other. */
    private static long size(@Nullable Object value) throws SQLException {
        if (!(value instanceof Array list)) {
            return 1;
        }
        long size = 1;
        for (Object element : (Object[]) list.getArray()) {
            size += size(element);
        }
        return size;
    }

    private static void requireAtMost(int most, long count, String of) {
        if (count > most) {
            throw new IllegalArgumentException("result must have at most " + most + " " + of
                    + ", got more; add a LIMIT, or aggregate in the query");
        }
    }

    private static @Nullable Object cell(@Nullable Object value) {
        return value == null || value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    private static IllegalArgumentException refused(String sql, SQLException e) {
        return new IllegalArgumentException(
                "sql must be a query that DuckDB accepts, got " + sql + "\n" + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB must close, got: " + e.getMessage(), e);
        }
    }
}
