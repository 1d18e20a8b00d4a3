package dpo.cli;

import dpo.core.setting.Inlined;
import dpo.core.setting.Setting;
import dpo.harness.config.Keys;
import java.lang.reflect.RecordComponent;

/** Prints the settings of a record and of its inlined records: key, meaning, default. */
final class SettingLines {

    private SettingLines() {}

    /** Prints one line per setting, after an indent; nothing for a class that is not a record. */
    static void print(Class<?> record, String indent) {
        if (!record.isRecord()) {
            return;
        }
        for (RecordComponent component : record.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            if (component.isAnnotationPresent(Inlined.class)) {
                print(component.getType(), indent);
            } else if (setting != null) {
                String key = Keys.key(component.getName());
                String byDefault = setting.byDefault().isEmpty() ? "must be given" : "default " + setting.byDefault();
                System.out.println(indent + key + ": " + setting.about() + " (" + byDefault + ")");
            }
        }
    }
}
