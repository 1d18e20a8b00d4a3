package dpo.torch.lora;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression in an adapter's configuration. The configuration is untrusted, so the time of a match is
 * bounded.
 */
final class PeftPattern {

    private static final int LONGEST = 2000;

    /**
     * Characters that a match of one name may read. Names have about forty; only catastrophic backtracking exceeds
     * this.
     */
    private static final int MOST_READS = 100_000;

    private final String key;
    private final Path config;
    private final Pattern pattern;

    /**
     * Compiles a pattern.
     *
     * @param key of the configuration, for messages
     * @param config its file, for messages
     */
    PeftPattern(String key, String expression, Path config) {
        this.key = key;
        this.config = config;
        if (expression.length() > LONGEST) {
            throw new IllegalArgumentException(
                    key + " must have at most " + LONGEST + " characters, got " + expression.length());
        }
        try {
            this.pattern = Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    key + " must be a regular expression, got " + expression + ": " + e.getDescription(), e);
        }
    }

    /** Whether it matches a whole name. */
    boolean matches(String name) {
        return bounded(name).matches();
    }

    /** The text of its last group, if it matches the start of a name. */
    Optional<String> groupAtStart(String name) {
        Matcher matcher = bounded(name);
        return matcher.lookingAt() ? Optional.ofNullable(matcher.group(matcher.groupCount())) : Optional.empty();
    }

    private Matcher bounded(String name) {
        return pattern.matcher(new Counted(name));
    }

    /** A name that stops a match after too many reads of its characters. */
    private final class Counted implements CharSequence {

        private final String name;
        private int reads;

        Counted(String name) {
            this.name = name;
        }

        @Override
        public char charAt(int index) {
            if (++reads > MOST_READS) {
                throw new IllegalArgumentException(
                        key + " must match within " + MOST_READS + " steps, got " + pattern + " (" + config + ")");
            }
            return name.charAt(index);
        }

        @Override
        public int length() {
            return name.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return name.substring(start, end);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
