package dpo.core.setting;

import java.util.List;

/** A setting whose value is not allowed. The message is "key constraint, got value". */
public final class SettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final transient List<String> otherKeys;

    /**
     * @param key the setting, in snake_case as configurations write it; {@code a.b} for setting b of the record at a
     * @param constraint the constraint, such as "must be positive"
     * @param value the invalid value
     * @param otherKeys further settings of the same record that the constraint depends on
     */
    public SettingException(String key, String constraint, Object value, String... otherKeys) {
        super(key + " " + constraint + ", got " + value);
        this.key = key;
        this.otherKeys = List.of(otherKeys);
    }

    /** The key of the invalid setting. */
    public String key() {
        return key;
    }

    /** Whether the constraint depends on a setting: on the {@link #key()} or one of the other keys. */
    public boolean isAbout(String setting) {
        return key.equals(setting) || otherKeys.contains(setting);
    }

    /** Constraint and value, without the key. */
    public String problem() {
        return getMessage().substring(key.length() + 1);
    }
}
