package dpo.experiments.command;

import dpo.experiments.train.Progress;
import java.io.PrintStream;
import java.time.Duration;

/**
 * Messages to stderr: a progress bar with the remaining time in a terminal, a plain line now and then in a pipe.
 */
final class Console implements Progress {

    private static final int WIDTH = 30;
    private static final Duration REFRESH = Duration.ofMillis(100);
    private static final Duration PLAIN_LINES = Duration.ofSeconds(15);

    private final PrintStream out;
    private final boolean terminal;
    private String task = "";
    private int total;
    private long begin;
    private long lastShown;
    private int firstDone;
    private boolean barShown;

    Console(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** The console of this process: a terminal where stderr is one. */
    static Console standard() {
        // The launcher knows whether stderr is a terminal; System.console() speaks of stdin and stdout alone.
        return new Console(System.err, "true".equals(System.getenv("DPO_STDERR_IS_TERMINAL")));
    }

    /** A line of text. */
    void say(String line) {
        clearBar();
        out.println(line);
    }

    @Override
    public void begin(String newTask, int parts) {
        clearBar();
        task = newTask;
        total = parts;
        begin = System.nanoTime();
        lastShown = begin;
        firstDone = -1;
    }

    @Override
    public void at(int done, String note) {
        if (firstDone < 0) {
            firstDone = done - 1;
        }
        long now = System.nanoTime();
        if (now - lastShown < (terminal ? REFRESH : PLAIN_LINES).toNanos()) {
            return;
        }
        lastShown = now;
        String line = "%s %d/%d%s, %s left".formatted(task, done, total, note.isEmpty() ? "" : ", " + note, left(done, now));
        if (terminal) {
            int filled = (int) ((long) WIDTH * done / Math.max(1, total));
            out.print("\r\033[K[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + line);
            out.flush();
            barShown = true;
        } else {
            out.println(line);
        }
    }

    @Override
    public void end() {
        clearBar();
    }

    private String left(int done, long now) {
        long seconds = (long) ((now - begin) / 1e9 / Math.max(1, done - firstDone) * (total - done));
        return seconds < 60 ? seconds + " s" : seconds < 3600 ? seconds / 60 + " min" : "%.1f h".formatted(seconds / 3600.0);
    }

    private void clearBar() {
        if (barShown) {
            out.print("\r\033[K");
            out.flush();
            barShown = false;
        }
    }
}
