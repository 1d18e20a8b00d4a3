package dpo.data.template;

/** Text under construction that refuses to grow beyond {@link Limits#SIZE}. */
final class TextBuilder {
    private final StringBuilder text = new StringBuilder();

    TextBuilder append(String more) {
        Limits.size((long) text.length() + more.length());
        text.append(more);
        return this;
    }

    TextBuilder append(char more) {
        Limits.size(text.length() + 1L);
        text.append(more);
        return this;
    }

    TextBuilder appendCodePoint(int more) {
        Limits.size(text.length() + 2L);
        text.appendCodePoint(more);
        return this;
    }

    TextBuilder repeat(String more, long times) {
        long count = Math.max(0, times);
        // The division keeps the product within a long.
        if (!more.isEmpty() && count > Limits.SIZE / more.length()) {
            Limits.size(Long.MAX_VALUE);
        }
        Limits.size(text.length() + count * more.length());
        text.append(more.repeat((int) count));
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
