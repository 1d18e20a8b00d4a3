package dpo.harness.config;

import dpo.harness.store.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A value of a swept setting, as tables, names and figures print it. Different values have different texts. The order
 * is null, then numbers by size, then everything else by text.
 *
 * @param text a number with all its digits; a string unchanged, or in double quotes if it could be read as another
 *     value (null, a number, a boolean, a list, a mapping) or holds line breaks; a list or a mapping as JSON
 * @param number the number; NaN for anything else
 */
public record SettingValue(String text, double number) implements Comparable<SettingValue> {

    /** The value null: a setting that is switched off or absent. */
    public static final SettingValue NULL = new SettingValue("null", Double.NaN);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private static final Pattern AMBIGUOUS = Pattern.compile("|\\s.*|.*\\s|[\\[{\"'].*|~|null|Null|NULL"
            + "|true|True|TRUE|false|False|FALSE|0o[0-7]+|0x[0-9a-fA-F]+|\\.(nan|NaN|NAN)|[-+]?\\.(inf|Inf|INF)"
            + "|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|(?s).*\\p{Cntrl}.*");

    /** Longer texts are shortened in names and figures. */
    private static final int LONG = 44;

    /** Converts null, a number, a boolean, a string, a list or a mapping; returns a {@link SettingValue} unchanged. */
    public static SettingValue of(@Nullable Object value) {
        if (value == null) {
            return NULL;
        } else if (value instanceof SettingValue level) {
            return level;
        } else if (value instanceof Number number) {
            return new SettingValue(text(number), number.doubleValue());
        } else if (value instanceof List<?> || value instanceof Map<?, ?>) {
            return ofJson(JSON.writeValueAsString(value));
        }
        String text = value.toString();
        boolean isQuoted = value instanceof String && AMBIGUOUS.matcher(text).matches();
        return new SettingValue(isQuoted ? JSON.writeValueAsString(text) : text, Double.NaN);
    }

    /** Converts a list or a mapping given as JSON. */
    public static SettingValue ofJson(String json) {
        return new SettingValue(json, Double.NaN);
    }

    /** Whether this is a number. */
    public boolean isNumber() {
        return !Double.isNaN(number);
    }

    /** The text; of a long one the beginning, the end and four digits of a hash. */
    public String shortText() {
        return text.length() <= LONG
                ? text
                : String.format(
                        Locale.ROOT,
                        "%s…%s #%04x",
                        text.substring(0, 24),
                        text.substring(text.length() - 12),
                        text.hashCode() >>> 16);
    }

    private static String text(Number number) {
        double value = number.doubleValue();
        if (!(number instanceof Double) || !Double.isFinite(value)) {
            return Double.isFinite(value)
                    ? number.toString()
                    : Double.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
        }
        BigDecimal decimal = new BigDecimal(Json.number(value)).stripTrailingZeros();
        double size = Math.abs(value);
        if (value == 0 || (size >= 1e-4 && size < 1e9)) {
            return decimal.toPlainString();
        }
        int exponent = decimal.precision() - decimal.scale() - 1;
        return decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }

    @Override
    public int compareTo(SettingValue other) {
        int byKind = Integer.compare(kind(), other.kind());
        int byNumber = byKind != 0 ? byKind : Double.compare(number, other.number);
        return byNumber != 0 ? byNumber : text.compareTo(other.text);
    }

    private int kind() {
        return equals(NULL) ? 0 : isNumber() ? 1 : 2;
    }
}
