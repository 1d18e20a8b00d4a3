package dpo.core.setting;

import java.util.List;

/** A setting whose value is not allowed. The message is "key constraint, got value". */
public final class SettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final transient List<String> otherKeys;

    /**
     * @param key the setting, in snake_case as configurations write it; {@code a.b} for setting b of the record at a
     * @param constraint what it must be, "must be positive"
     * @param value the value that it has
     * @param otherKeys further settings of the same record that the constraint depends on
     */
    public SettingException(String key, String constraint, Object value, String... otherKeys) {
        super(key + " " + constraint + ", got " + value);
        this.key = key;
        this.otherKeys = List.of(otherKeys);
    }

    /** The setting that must change. */
    public String key() {
        return key;
    }

    /** The settings that the constraint is about: the {@link #key()} and those that it depends on. */
    public boolean isAbout(String setting) {
        return key.equals(setting) || otherKeys.contains(setting);
    }

    /** Constraint and value, without the key. */
    public String problem() {
        return getMessage().substring(key.length() + 1);
    }
}
