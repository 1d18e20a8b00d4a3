package dpo.data.template;

/** Bounds on what one template may do; ordinary templates stay hundreds of times below them. */
final class Limits {
    /** Characters of a source. */
    static final int SOURCE = 1 << 20;
    /** Steps of parsing: characters, tokens, nodes and look-ups of names. */
    static final long PARSE_STEPS = 10_000_000;
    /** Bytes of tokens and nodes. */
    static final long PARSE_BYTES = 64L << 20;
    /** Work of one rendering: evaluated nodes, loop turns, items, and a unit per 16 characters or 32 bytes handled. */
    static final long RENDER_STEPS = 10_000_000;
    /** Bytes of all texts, lists and frames that one rendering makes, those it no longer needs included. */
    static final long RENDER_BYTES = 96L << 20;
    /** Nesting of brackets, operators and blocks in the source, and of values within values. */
    static final int NESTING = 200;
    /** Nesting of evaluations: blocks within blocks, expressions within expressions, macros within macros. */
    static final int DEPTH = 1000;
    /** Items of a range: the bound of Jinja2's sandbox. */
    static final long RANGE = 100_000;

    private Limits() {}

    /** {@return the nesting of a value that holds another one} */
    static int nested(int inner) {
        if (inner >= NESTING) {
            throw new Failure("values must nest at most " + NESTING + " deep");
        }
        return inner + 1;
    }
}
