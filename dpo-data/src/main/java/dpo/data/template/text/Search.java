package dpo.data.template.text;

import dpo.data.template.meter.Meter;

/**
 * Search of a text in another in time linear in both lengths. The worst case of {@link String#indexOf} is the product
 * of the lengths, so a template could exceed its time limit without exceeding its steps.
 */
public final class Search {
    /** Up to this length the product is a small multiple of the length of the text. */
    private static final int SHORT = 8;

    private Search() {}

    /** {@return the result of {@link String#indexOf(String, int)}} */
    public static int first(Meter meter, String text, String sought, int from) {
        int found = first(text, sought, from);
        meter.walk((found < 0 ? text.length() : found) - from + (long) sought.length());
        return found;
    }

    private static int first(String text, String sought, int from) {
        if (sought.length() <= SHORT) {
            return text.indexOf(sought, from);
        }
        if (sought.length() > text.length() - from) {
            return -1;
        }
        int[] borders = borders(sought);
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != sought.charAt(matched)) {
                matched = borders[matched - 1];
            }
            matched += text.charAt(i) == sought.charAt(matched) ? 1 : 0;
            if (matched == sought.length()) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    /** {@return the last occurrence that ends before or at {@code end}, or -1} */
    public static int last(Meter meter, String text, String sought, int end) {
        if (sought.length() > end) {
            return -1;
        }
        if (sought.length() <= SHORT) {
            int found = text.lastIndexOf(sought, end - sought.length());
            meter.walk(end - Math.max(0, found));
            return found;
        }
        meter.buffered(end + (long) sought.length());
        int fromBack = first(backwards(text.substring(0, end)), backwards(sought), 0);
        return fromBack < 0 ? -1 : end - fromBack - sought.length();
    }

    /** Reverses UTF-16 units; {@link StringBuilder#reverse} would keep surrogate pairs in order. */
    private static String backwards(String text) {
        char[] units = new char[text.length()];
        for (int i = 0; i < units.length; i++) {
            units[i] = text.charAt(units.length - 1 - i);
        }
        return new String(units);
    }

    /** The failure function of Knuth, Morris and Pratt: the longest proper prefix that ends at each position. */
    private static int[] borders(String sought) {
        int[] borders = new int[sought.length()];
        int border = 0;
        for (int i = 1; i < sought.length(); i++) {
            while (border > 0 && sought.charAt(i) != sought.charAt(border)) {
                border = borders[border - 1];
            }
            border += sought.charAt(i) == sought.charAt(border) ? 1 : 0;
            borders[i] = border;
        }
        return borders;
    }
}
