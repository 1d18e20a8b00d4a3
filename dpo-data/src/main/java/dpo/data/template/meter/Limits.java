package dpo.data.template.meter;

/** Limits of the cost of one template; ordinary templates need less than a hundredth of them. */
public final class Limits {
    /** Characters of a source. */
    public static final int SOURCE = 1 << 20;
    /** Steps of parsing: characters, tokens, nodes and look-ups of names. */
    static final long PARSE_STEPS = 10_000_000;
    /** Bytes of tokens and nodes. */
    static final long PARSE_BYTES = 64L << 20;
    /** Steps of one rendering: evaluated nodes, loop iterations, items, and one per 16 characters or 32 bytes. */
    static final long RENDER_STEPS = 10_000_000;
    /** Bytes of all texts, lists and frames that one rendering allocates, including those already discarded. */
    static final long RENDER_BYTES = 96L << 20;
    /** Nesting of brackets, operators and blocks in the source, and of values within values. */
    public static final int NESTING = 200;
    /** Nesting of evaluation: blocks within blocks, expressions within expressions, macros within macros. */
    static final int DEPTH = 1000;
    /** Items of a range, as in Jinja2's sandbox. */
    public static final long RANGE = 100_000;

    private Limits() {}

    /** {@return the nesting of a value that contains one of nesting {@code inner}} */
    public static int nested(int inner) {
        if (inner >= NESTING) {
            throw new Failure("values must nest at most " + NESTING + " deep");
        }
        return inner + 1;
    }
}
