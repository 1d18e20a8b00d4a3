package dpo.core.loss;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Name, formula and source of an objective, for the catalogue that {@code dpo losses} prints. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Published {

    /** The value of {@code type:} in a configuration. */
    String type();

    /** Loss of one pair; Δ = s_w − s_l, s = log πθ − log π_ref. */
    String formula();

    /** Paper with equation, e.g. {@code arXiv:2305.18290, eq. 7}. */
    String paper();

    /** Value of one pair if policy and reference are equal. */
    String atInitialisation();
}
