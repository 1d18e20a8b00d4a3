package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import java.util.Map;
import java.util.Set;

/**
 * Attributes of Python's types that this implementation does not have. They are errors, because {@code undefined} would
 * be a wrong value.
 */
final class UnsupportedAttributes {
    // spotless:off
    private static final Set<String> INTEGER = Set.of("as_integer_ratio", "bit_count", "bit_length", "conjugate",
            "denominator", "from_bytes", "imag", "is_integer", "numerator", "real", "to_bytes");
    private static final Map<String, Set<String>> KNOWN = Map.of(
            "str", Set.of("casefold", "encode", "expandtabs", "format", "format_map", "isidentifier", "isnumeric",
                    "isprintable", "istitle", "maketrans", "swapcase", "translate"),
            "list", Set.of("append", "clear", "copy", "extend", "insert", "pop", "remove", "reverse", "sort"),
            "dict", Set.of("clear", "fromkeys", "pop", "popitem", "setdefault", "update"),
            "int", INTEGER,
            "bool", INTEGER,
            "float", Set.of("as_integer_ratio", "conjugate", "from_number", "fromhex", "hex", "imag", "is_integer",
                    "real"),
            "range", Set.of("count", "index", "start", "step", "stop"),
            "generator", Set.of("close", "gi_code", "gi_frame", "gi_running", "gi_suspended", "gi_yieldfrom", "send",
                    "throw"),
            "dict_keys", Set.of("isdisjoint", "mapping"),
            "dict_items", Set.of("isdisjoint", "mapping"));
    // spotless:on

    private UnsupportedAttributes() {}

    /** Refuses an attribute that Python's type has, and Python's internal names. */
    static void refuse(Value owner, String name) {
        boolean internal = name.startsWith("__");
        boolean hidden = name.startsWith("_") && owner instanceof Loop;
        if (internal
                || hidden
                || KNOWN.getOrDefault(owner.typeName(), Set.of()).contains(name)
                || (owner.typeName().equals("dict_values") && name.equals("mapping"))) {
            throw Failure.unsupported("'" + name + "' of a " + owner.typeName());
        }
    }
}
