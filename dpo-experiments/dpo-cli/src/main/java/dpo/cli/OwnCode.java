package dpo.cli;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The user's own classes.
 *
 * @param folders the jars and folders that hold them
 */
record OwnCode(List<Path> folders) {

    /** The variable with the class path of the user's own classes. */
    static final String VARIABLE = "DPO_CLASSPATH";

    private static final Pattern JDK = Pattern.compile("(java|javax|jdk|sun|com\\.sun)\\..*");

    /** The classes of {@code DPO_CLASSPATH}. */
    static OwnCode ofProcess() {
        String classPath = System.getenv().getOrDefault(VARIABLE, "");
        return new OwnCode(Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(classPath)
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry.endsWith("*") ? entry.substring(0, entry.length() - 1) : entry))
                .map(OwnCode::normalized)
                .toList());
    }

    /** The name of the class that threw an exception or one of its causes, if it is the user's own. */
    Optional<String> thrower(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Optional<String> thrower = Arrays.stream(cause.getStackTrace())
                    .map(StackTraceElement::getClassName)
                    .filter(name -> !JDK.matcher(name).matches())
                    .findFirst()
                    .filter(this::contains);
            if (thrower.isPresent()) {
                return thrower;
            }
        }
        return Optional.empty();
    }

    private boolean contains(String className) {
        try {
            CodeSource source = Class.forName(className, false, OwnCode.class.getClassLoader())
                    .getProtectionDomain()
                    .getCodeSource();
            return source != null
                    && folders.stream()
                            .anyMatch(normalized(Path.of(source.getLocation().toURI()))::startsWith);
        } catch (ClassNotFoundException | LinkageError | URISyntaxException e) {
            return false;
        }
    }

    private static Path normalized(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
