package dpo.core.setting;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a configuration key means, and its default.
 *
 * <p>Stands on a component of a settings record; the key is the component's name in snake_case. A component without a
 * default must be given, unless its type is {@link java.util.Optional}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /** Meaning, range and unit in one line. */
    String about();

    /** The default as it would be written in the file; empty where the key must be given. */
    String byDefault() default "";

    /** Whether another value makes another run; false where it changes no number that is computed. */
    boolean changesResults() default true;
}
