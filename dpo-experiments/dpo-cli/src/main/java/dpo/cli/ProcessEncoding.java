package dpo.cli;

import dpo.core.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Checks that Java has decoded the command line and file names correctly. In a locale whose charset is not UTF-8, Java
 * replaces characters that it cannot decode before the program starts.
 */
final class ProcessEncoding {

    private static final char REPLACEMENT = '\uFFFD';
    private static final String REMEDY = "start it by ./dpo, or with LC_ALL=C.UTF-8";

    private ProcessEncoding() {}

    /**
     * Checks the encoding of this process.
     *
     * @param arguments the arguments as Java decoded them
     * @throws InvalidInputException if file names or an argument are not UTF-8
     */
    static void require(String[] arguments) {
        String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
        boolean isWindows = System.getProperty("os.name").startsWith("Windows");
        if (!isWindows && !charset.equalsIgnoreCase("UTF-8")) {
            throw new InvalidInputException("the charset of the locale must be UTF-8, got " + charset + "; " + REMEDY);
        }
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].indexOf(REPLACEMENT) >= 0 && !isTyped()) {
                throw new InvalidInputException(
                        "arguments must be UTF-8, got other bytes (argument " + (i + 1) + ": " + arguments[i] + ")");
            }
        }
    }

    /** Whether the user typed the replacement character itself, which is a valid character. */
    private static boolean isTyped() {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc/self/cmdline"));
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        } catch (IOException notLinux) {
            return false;
        }
    }
}
