package dpo.cli;

import java.util.Locale;

/** The progress of one task as a line of text: its name, the finished parts and the estimated remaining time. */
final class TaskLine {

    private final String prefix;
    private String task = "";
    private String note = "";
    private int total;
    private int done;
    private int firstDone = -1;
    private long begin;

    /**
     * @param label distinguishes the task from others; may be empty
     */
    TaskLine(String label) {
        this.prefix = label.isEmpty() ? "" : label + ": ";
    }

    /** Starts a task at a time in nanoseconds. */
    void begin(String newTask, int parts, long now) {
        task = newTask;
        note = "";
        total = parts;
        done = 0;
        firstDone = -1;
        begin = now;
    }

    /** Sets the number of finished parts. */
    void at(int partsDone, String newNote) {
        if (firstDone < 0) {
            firstDone = partsDone - 1;
        }
        // Threads that finish parts of one task may report them in another order.
        done = Math.max(done, partsDone);
        note = newNote;
    }

    /** The text with the task's label. */
    String label(String text) {
        return prefix + text;
    }

    /** {@code beta=0.1: training 12/64, loss 0.6123, 17.3/s, 3 s left}. */
    String text(long now) {
        return prefix + task + " " + done + "/" + total + (note.isEmpty() ? "" : ", " + note) + left(now);
    }

    /** A bar followed by {@link #text}. */
    String withBar(int width, long now) {
        int filled = (int) ((long) width * done / Math.max(1, total));
        return "[" + "#".repeat(filled) + " ".repeat(width - filled) + "] " + text(now);
    }

    private String left(long now) {
        if (firstDone < 0) {
            return "";
        }
        double each = (now - begin) / 1e9 / Math.max(1, done - firstDone);
        long seconds = (long) (each * (total - done));
        String time = seconds < 60
                ? seconds + " s"
                : seconds < 3600 ? seconds / 60 + " min" : String.format(Locale.ROOT, "%.1f h", seconds / 3600.0);
        return ", " + rate(each) + ", " + time + " left";
    }

    /** The throughput: parts per second, or seconds per part if that is above one. */
    private static String rate(double each) {
        return each > 1
                ? String.format(Locale.ROOT, "%.3g s each", each)
                : String.format(Locale.ROOT, "%.3g/s", 1 / Math.max(each, 1e-9));
    }
}
