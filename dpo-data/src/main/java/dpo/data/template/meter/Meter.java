package dpo.data.template.meter;

/**
 * Counts the cost of a template: steps for time, bytes for memory, levels for the stack. All lexing, parsing,
 * evaluation and construction of values is charged here and fails beyond the limits. A result that can be much larger
 * than its operands is charged before it is built. Values that hold text or items cannot be built without a meter. An
 * operation that builds no value must charge what it reads with {@link #walk}.
 *
 * <p>Bytes are counted when they are allocated and never subtracted: the count is an upper bound of the live memory.
 * The constants are upper bounds for a 64-bit JVM with compressed references.
 */
public final class Meter {
    /** Characters that are read in about the time of one step. */
    private static final int CHARACTERS_PER_STEP = 16;
    /** Bytes that are written in about the time of one step. */
    private static final int BYTES_PER_STEP = 32;
    /** Bytes of a reference in a growing list, of its copy, and of a small object that it refers to. */
    private static final int SLOT = 32;
    /** Bytes of a node of a hash table with its key. */
    private static final int ENTRY = 96;
    /** Bytes of one text, list, iterator or closure without its content. */
    private static final int SHELL = 64;
    /** Bytes of a character in a text that is not Latin-1; a growing buffer holds it twice. */
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

    public static Meter ofParsing() {
        return new Meter("parsing", Limits.PARSE_STEPS, Limits.PARSE_BYTES);
    }

    public static Meter ofRendering() {
        return new Meter("rendering", Limits.RENDER_STEPS, Limits.RENDER_BYTES);
    }

    /** Sets the current line of the source, which messages name. */
    public void at(int number) {
        line = number;
    }

    public int line() {
        return line;
    }

    /** Charges one step: a node, an item or a comparison. */
    public void step() {
        steps(1);
    }

    public void steps(long count) {
        // Both are below 2^62, so the sum is exact.
        steps += Math.min(count, mostSteps + 1);
        if (steps > mostSteps) {
            throw new Failure(work + " must take at most " + mostSteps + " steps");
        }
    }

    /** Charges reading characters. */
    public void walk(long characters) {
        steps(1 + characters / CHARACTERS_PER_STEP);
    }

    private void bytes(long count) {
        bytes += Math.min(count, mostBytes + 1);
        if (bytes > mostBytes) {
            throw new Failure(work + " must allocate at most " + mostBytes + " bytes");
        }
        steps(count / BYTES_PER_STEP);
    }

    /** Charges a small object: an iterator, a function, a node of the syntax tree. */
    public void shell() {
        bytes(SHELL);
    }

    /** Charges characters of a text. */
    public void characters(long count) {
        bytes(CHARACTER * Math.min(count, mostBytes));
    }

    /** Charges characters of a growing text. */
    public void buffered(long count) {
        bytes(BUFFERED * Math.min(count, mostBytes));
    }

    /** Charges {@code count} times {@code each} characters of a growing text. */
    public void buffered(long count, long each) {
        buffered(product(count, each));
    }

    /** Charges elements of lists. */
    public void slots(long count) {
        bytes(SLOT * Math.min(count, mostBytes));
    }

    /** Charges {@code count} times {@code each} elements. */
    public void slots(long count, long each) {
        slots(product(count, each));
    }

    /** Charges entries of dicts, namespaces and frames. */
    public void entries(long count) {
        bytes(ENTRY * Math.min(count, mostBytes));
    }

    /** {@return the product, or the greatest long if it overflows: beyond every limit} */
    private static long product(long count, long each) {
        return each > 0 && count > Long.MAX_VALUE / each ? Long.MAX_VALUE : count * each;
    }

    /** Enters a level of nested evaluation; {@link #leave} leaves it. After a failure nothing is evaluated any more. */
    public void enter() {
        if (++depth > Limits.DEPTH) {
            throw new Failure("blocks, expressions and macro calls must nest at most " + Limits.DEPTH + " deep");
        }
        steps(1);
    }

    public void leave() {
        depth--;
    }
}
