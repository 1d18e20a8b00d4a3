package dpo.core.setting;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The meaning and the default of a configuration key.
 *
 * <p>Annotates a component of a settings record; the key is the component's name in snake_case. A component without a
 * default must be given, unless its type is {@link java.util.Optional}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /** Meaning, range and unit in one line. */
    String about();

    /** The default as written in a configuration file; empty if the key must be given. */
    String byDefault() default "";

    /** Whether the value can change results; a change then needs a new run. */
    boolean changesResults() default true;
}
