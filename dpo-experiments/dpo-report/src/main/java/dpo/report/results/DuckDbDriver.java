package dpo.report.results;

import dpo.harness.store.UnpackedResource;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Loads DuckDB's JDBC driver with its native library from the user's cache. The driver itself would unpack 72 MB to a
 * temporary file at every start, which remains after a kill.
 *
 * <p>The driver loads a library from the library path if its jar has none. So its classes are loaded by a class loader
 * that hides the library in the jar and locates the unpacked one.
 */
final class DuckDbDriver extends URLClassLoader {

    private static final String ENTRY_POINT = "org.duckdb.DuckDBDriver";

    /** A process can load a native library only once. */
    private static final Driver DRIVER = load();

    private @Nullable Path library;

    private DuckDbDriver(URL jar) {
        super("duckdb", new URL[] {jar}, ClassLoader.getPlatformClassLoader());
    }

    /** Opens a database in memory. */
    static Connection inMemory(Properties options) throws SQLException {
        return DRIVER.connect("jdbc:duckdb:", options);
    }

    private static Driver load() {
        URL entryPoint = DuckDbDriver.class.getClassLoader().getResource(ENTRY_POINT.replace('.', '/') + ".class");
        try {
            if (entryPoint == null || !(entryPoint.openConnection() instanceof JarURLConnection jar)) {
                throw new IllegalStateException("the class path must hold DuckDB's jar, got " + entryPoint);
            }
            return (Driver) new DuckDbDriver(jar.getJarFileURL())
                    .loadClass(ENTRY_POINT)
                    .getConstructor()
                    .newInstance();
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException("DuckDB's driver must load, got: " + e, e);
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL resource = super.getResource(name);
        if (resource == null || !name.startsWith("libduckdb_java")) {
            return resource;
        }
        library = UnpackedResource.of(resource, name);
        return null;
    }

    @Override
    protected @Nullable String findLibrary(String name) {
        return library == null ? null : library.toString();
    }
}
