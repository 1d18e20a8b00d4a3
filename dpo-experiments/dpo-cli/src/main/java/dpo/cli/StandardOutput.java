package dpo.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The standard output of this process. */
final class StandardOutput {

    private StandardOutput() {}

    /**
     * Discards what native libraries print: Gloo greets each of its processes there, between results that other programs
     * read. Java refers a closed standard output to the null device, after which this program writes to a copy. Where the
     * system has no name for it, nothing changes.
     */
    static void ofJavaAlone() {
        try {
            OutputStream copy = new FileOutputStream("/dev/stdout", true);
            new FileOutputStream(FileDescriptor.out).close();
            System.setOut(new PrintStream(copy, true, StandardCharsets.UTF_8));
        } catch (IOException unnamed) {
            // Another system: the greeting appears.
        }
    }
}
