package dpo.cli;

import dpo.core.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes sure that the command line and the names of files are what the user wrote. In a locale whose charset is not UTF-8,
 * Java has put other characters in place of those that it could not read, before the program begins.
 */
final class ProcessEncoding {

    private static final char REPLACEMENT = '\uFFFD';
    private static final String REMEDY = "start it by ./dpo, or with LC_ALL=C.UTF-8";

    private ProcessEncoding() {}

    /**
     * Checks the encoding of this process.
     *
     * @param arguments as Java has decoded them
     * @throws InvalidInputException where file names are not UTF-8, or an argument is not
     */
    static void require(String[] arguments) {
        String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
        boolean isWindows = System.getProperty("os.name").startsWith("Windows");
        if (!isWindows && !charset.equalsIgnoreCase("UTF-8")) {
            throw new InvalidInputException("the charset of the locale must be UTF-8, got " + charset + "; " + REMEDY);
        }
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].indexOf(REPLACEMENT) >= 0 && !isWrittenSo()) {
                throw new InvalidInputException(
                        "arguments must be UTF-8, got other bytes (argument " + (i + 1) + ": " + arguments[i] + ")");
            }
        }
    }

    /** Whether the command line holds the replacement character itself, which is a character like any other. */
    private static boolean isWrittenSo() {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc/self/cmdline"));
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        } catch (IOException noSuchSystem) {
            return false;
        }
    }
}
