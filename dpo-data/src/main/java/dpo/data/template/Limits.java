package dpo.data.template;

/** Bounds on what one template may do; ordinary templates stay thousands of times below them. */
final class Limits {
    /** Work in one rendering: evaluated nodes, loop turns, and a unit per 16 characters or items handled. */
    static final long STEPS = 10_000_000;
    /** Characters in one text, or characters and items in one nested value. */
    static final long SIZE = 1 << 24;
    /** Nesting of brackets, operators and blocks in the source. */
    static final int NESTING = 200;
    /** Macros within macros while rendering. */
    static final int CALLS = 100;
    /** Items of a range: the bound of Jinja2's sandbox. */
    static final long RANGE = 100_000;

    private Limits() {}

    /** Refuses a size before anything of that size is built. */
    static long size(long size) {
        if (size > SIZE) {
            throw new Failure("a value must be at most " + SIZE + " characters and items, got " + size);
        }
        return size;
    }
}
