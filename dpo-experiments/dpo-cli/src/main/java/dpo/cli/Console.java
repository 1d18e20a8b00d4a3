package dpo.cli;

import dpo.train.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Messages to stderr: in a terminal one line with a bar and the remaining time of every task under way, in a pipe a
 * plain line of each now and then.
 */
final class Console implements Progress {

    private static final int WIDTH = 30;
    private static final int NARROW = 10;
    private static final Duration REFRESH = Duration.ofMillis(100);
    private static final Duration PLAIN_LINES = Duration.ofSeconds(15);

    /** A line that is longer than the terminal is wide is cut by it, not wrapped: wrapped it could not be cleared. */
    private static final String UNWRAPPED = "\033[?7l";

    private static final String WRAPPED = "\033[?7h";

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier clock;
    private final SortedMap<Integer, TaskLine> underWay = new TreeMap<>();
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

    /** The console of this process: a terminal where stderr is one. */
    static Console standard() {
        // The launcher knows whether stderr is a terminal; System.console() speaks of stdin and stdout alone.
        return new Console(System.err, "true".equals(System.getenv("DPO_STDERR_IS_TERMINAL")), System::nanoTime);
    }

    @Override
    public synchronized void say(String line) {
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

    /** A task among those that are shown in the order in which they were made. */
    private final class Task implements Progress {

        private final int number;
        private final TaskLine line;
        private long lastTold;

        Task(int number, String label) {
            this.number = number;
            this.line = new TaskLine(label);
        }

        @Override
        public void begin(String task, int total) {
            synchronized (Console.this) {
                lastTold = clock.getAsLong();
                line.begin(task, total, lastTold);
                underWay.put(number, line);
            }
        }

        @Override
        public void at(int done, String note) {
            synchronized (Console.this) {
                line.at(done, note);
                long now = clock.getAsLong();
                if (terminal) {
                    show(now);
                } else if (now - lastTold >= PLAIN_LINES.toNanos()) {
                    lastTold = now;
                    out.println(line.text(now));
                }
            }
        }

        @Override
        public void end() {
            synchronized (Console.this) {
                underWay.remove(number);
                clearLine();
            }
        }

        @Override
        public Progress part(String label) {
            return Console.this.part(label);
        }

        @Override
        public void say(String text) {
            Console.this.say(line.label(text));
        }
    }

    private void show(long now) {
        if (now - lastShown < REFRESH.toNanos()) {
            return;
        }
        lastShown = now;
        int width = underWay.size() == 1 ? WIDTH : NARROW;
        String line =
                underWay.values().stream().map(task -> task.withBar(width, now)).collect(Collectors.joining(" | "));
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
