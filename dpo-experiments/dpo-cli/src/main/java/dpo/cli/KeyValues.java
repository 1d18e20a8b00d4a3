package dpo.cli;

import dpo.core.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options of the form KEY=VALUE. */
final class KeyValues {

    private KeyValues() {}

    /**
     * The values by key, in the order given.
     *
     * @param option name of the option, for messages
     * @throws InvalidInputException if one has no key, or a key is given twice
     */
    static Map<String, String> of(String option, List<String> given) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String text : given) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new InvalidInputException(option + " must be KEY=VALUE, got " + text);
            }
            if (values.put(text.substring(0, equals), text.substring(equals + 1)) != null) {
                throw new InvalidInputException(option + " must give a key once, got it again in " + text);
            }
        }
        return values;
    }
}
