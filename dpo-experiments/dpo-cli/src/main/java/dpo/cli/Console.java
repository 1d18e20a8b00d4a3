package dpo.cli;

import dpo.train.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Prints messages and progress to stderr. In a terminal, progress is one line with a bar and the remaining time of
 * every running task; in a pipe, every task prints a plain line from time to time.
 */
final class Console implements Progress {

    private static final int WIDTH = 30;
    private static final int NARROW = 10;
    private static final Duration REFRESH = Duration.ofMillis(100);
    private static final Duration PLAIN_LINES = Duration.ofSeconds(15);

    /** Makes the terminal truncate a line that is too long; a wrapped line could not be cleared. */
    private static final String UNWRAPPED = "\033[?7l";

    private static final String WRAPPED = "\033[?7h";

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier clock;
    private final SortedMap<Integer, TaskLine> running = new TreeMap<>();
    private final Task whole = new Task(0, "");
    private int parts;
    private long lastShown;
    private boolean lineShown;

    /**
     * @param terminal whether lines can be overwritten
     * @param clock nanoseconds
     */
    Console(PrintStream out, boolean terminal, LongSupplier clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
        this.lastShown = clock.getAsLong();
    }

    /** The console of this process, which is a terminal if stderr is one. */
    static Console standard() {
        // Set by the launcher, since System.console() depends on stdin and stdout only.
        return new Console(System.err, "true".equals(System.getenv("DPO_STDERR_IS_TERMINAL")), System::nanoTime);
    }

    @Override
    public synchronized void print(String line) {
        clearLine();
        out.println(line);
    }

    @Override
    public void begin(String task, int total) {
        whole.begin(task, total);
    }

    @Override
    public void at(int done, String note) {
        whole.at(done, note);
    }

    @Override
    public void end() {
        whole.end();
    }

    @Override
    public synchronized Progress part(String label) {
        return new Task(++parts, label);
    }

    /** A task; tasks are shown in the order of their creation. */
    private final class Task implements Progress {

        private final int number;
        private final TaskLine line;
        private long lastPrinted;

        Task(int number, String label) {
            this.number = number;
            this.line = new TaskLine(label);
        }

        @Override
        public void begin(String task, int total) {
            synchronized (Console.this) {
                lastPrinted = clock.getAsLong();
                line.begin(task, total, lastPrinted);
                running.put(number, line);
            }
        }

        @Override
        public void at(int done, String note) {
            synchronized (Console.this) {
                line.at(done, note);
                long now = clock.getAsLong();
                if (terminal) {
                    show(now);
                } else if (now - lastPrinted >= PLAIN_LINES.toNanos()) {
                    lastPrinted = now;
                    out.println(line.text(now));
                }
            }
        }

        @Override
        public void end() {
            synchronized (Console.this) {
                running.remove(number);
                clearLine();
            }
        }

        @Override
        public Progress part(String label) {
            return Console.this.part(label);
        }

        @Override
        public void print(String text) {
            Console.this.print(line.label(text));
        }
    }

    private void show(long now) {
        if (now - lastShown < REFRESH.toNanos()) {
            return;
        }
        lastShown = now;
        int width = running.size() == 1 ? WIDTH : NARROW;
        String line =
                running.values().stream().map(task -> task.withBar(width, now)).collect(Collectors.joining(" | "));
        out.print("\r\033[K" + UNWRAPPED + line + WRAPPED);
        out.flush();
        lineShown = true;
    }

    private void clearLine() {
        if (lineShown) {
            out.print("\r\033[K");
            out.flush();
            lineShown = false;
        }
    }
}
