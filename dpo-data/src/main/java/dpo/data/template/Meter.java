package dpo.data.template;

/**
 * Counts what a template costs: steps for time, bytes for memory, levels for the stack. All lexing, parsing, evaluation
 * and building of values is charged here, and refused beyond the limits; what can be much larger than its operands is
 * charged before it is made. Values that hold text or items cannot be made without a meter. An operation that makes no
 * value must charge what it reads with {@link #walk}.
 *
 * <p>Bytes are counted when they are allocated and never subtracted: the count is an upper bound of the live memory.
 * The constants are upper bounds for a 64-bit JVM with compressed references.
 */
final class Meter {
    /** Characters that are walked through in about the time of one step. */
    private static final int CHARACTERS_PER_STEP = 16;
    /** Bytes that are written in about the time of one step. */
    private static final int BYTES_PER_STEP = 32;
    /** A reference in a growing list and its copy, and a small object behind it. */
    private static final int SLOT = 32;
    /** A node of a hash table with its key. */
    private static final int ENTRY = 96;
    /** The objects of one text, list, iterator or closure, apart from what they hold. */
    private static final int SHELL = 64;
    /** Bytes of a character where a text is not Latin-1; a buffer that grows holds it twice. */
    private static final int CHARACTER = 2;
    private static final int BUFFERED = 4;

    private final String work;
    private final long mostSteps;
    private final long mostBytes;
    private long steps;
    private long bytes;
    private int depth;
    private int line = 1;

    private Meter(String work, long mostSteps, long mostBytes) {
        this.work = work;
        this.mostSteps = mostSteps;
        this.mostBytes = mostBytes;
    }

    static Meter ofParsing() {
        return new Meter("parsing", Limits.PARSE_STEPS, Limits.PARSE_BYTES);
    }

    static Meter ofRendering() {
        return new Meter("rendering", Limits.RENDER_STEPS, Limits.RENDER_BYTES);
    }

    /** Sets the line of the source that is being worked on, for messages. */
    void at(int number) {
        line = number;
    }

    int line() {
        return line;
    }

    /** Charges one node, item or comparison. */
    void step() {
        steps(1);
    }

    void steps(long count) {
        // Both are below 2^62, so the sum is exact.
        steps += Math.min(count, mostSteps + 1);
        if (steps > mostSteps) {
            throw new Failure(work + " must take at most " + mostSteps + " steps");
        }
    }

    /** Charges a walk through characters. */
    void walk(long characters) {
        steps(1 + characters / CHARACTERS_PER_STEP);
    }

    private void bytes(long count) {
        bytes += Math.min(count, mostBytes + 1);
        if (bytes > mostBytes) {
            throw new Failure(work + " must allocate at most " + mostBytes + " bytes");
        }
        steps(count / BYTES_PER_STEP);
    }

    /** Charges an object that holds little of its own: an iterator, a function, a node of the syntax tree. */
    void shell() {
        bytes(SHELL);
    }

    /** Charges characters of a text. */
    void characters(long count) {
        bytes(CHARACTER * Math.min(count, mostBytes));
    }

    /** Charges characters of a text that grows. */
    void buffered(long count) {
        bytes(BUFFERED * Math.min(count, mostBytes));
    }

    /** Charges {@code count} copies of a number of characters of a text that grows. */
    void buffered(long count, long each) {
        buffered(product(count, each));
    }

    /** Charges places for values in lists. */
    void slots(long count) {
        bytes(SLOT * Math.min(count, mostBytes));
    }

    /** Charges {@code count} copies of a number of places. */
    void slots(long count, long each) {
        slots(product(count, each));
    }

    /** Charges entries of dicts, namespaces and frames. */
    void entries(long count) {
        bytes(ENTRY * Math.min(count, mostBytes));
    }

    /** A product that would overflow is beyond every limit. */
    private static long product(long count, long each) {
        return each > 0 && count > Long.MAX_VALUE / each ? Long.MAX_VALUE : count * each;
    }

    /** Charges a level of nested evaluation; {@link #leave} ends it. A failure ends the whole work, so none is left. */
    void enter() {
        if (++depth > Limits.DEPTH) {
            throw new Failure("blocks, expressions and macro calls must nest at most " + Limits.DEPTH + " deep");
        }
        steps(1);
    }

    void leave() {
        depth--;
    }
}
