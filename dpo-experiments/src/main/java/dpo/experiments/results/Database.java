package dpo.experiments.results;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** An in-memory DuckDB that loads no extension, opens no network connection and writes no temporary data. */
final class Database implements AutoCloseable {

    private final Connection connection;

    Database() {
        Properties options = new Properties();
        options.setProperty("threads", "2");
        options.setProperty("memory_limit", "2GB");
        options.setProperty("temp_directory", "");
        options.setProperty("autoinstall_known_extensions", "false");
        options.setProperty("autoload_known_extensions", "false");
        try {
            connection = DriverManager.getConnection("jdbc:duckdb:", options);
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB must open an in-memory database, got: " + e.getMessage(), e);
        }
    }

    void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw refused(sql, e);
        }
    }

    void insert(String table, List<List<@Nullable Object>> rows) {
        for (List<@Nullable Object> row : rows) {
            String sql = "INSERT INTO " + table + " VALUES (" + "?, ".repeat(row.size() - 1) + "?)";
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                for (int i = 0; i < row.size(); i++) {
                    insert.setObject(i + 1, row.get(i));
                }
                insert.execute();
            } catch (SQLException e) {
                throw refused(sql, e);
            }
        }
    }

    Table query(String sql) {
        try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData meta = result.getMetaData();
            List<String> columns = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                columns.add(meta.getColumnLabel(i));
            }
            List<List<@Nullable Object>> rows = new ArrayList<>();
            while (result.next()) {
                List<@Nullable Object> row = new ArrayList<>();
                for (int i = 1; i <= columns.size(); i++) {
                    row.add(cell(result.getObject(i)));
                }
                rows.add(row);
            }
            return new Table(columns, rows);
        } catch (SQLException e) {
            throw refused(sql, e);
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
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB must close, got: " + e.getMessage(), e);
        }
    }
}
