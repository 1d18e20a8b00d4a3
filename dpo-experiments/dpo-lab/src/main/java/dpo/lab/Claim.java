package dpo.lab;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The claim that an experiment tests, and the verdict that it is known to have. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Claim {

    /** Name of the experiment on the command line, in kebab-case. */
    String name();

    /** The claim as a sentence or formula. */
    String claim();

    /** Origin of the claim or of the prediction: paper with equation, or a derivation in a line. */
    String source();

    /** The verdict at the default settings; another one is an error of the library or of the theory. */
    Verdict verdict();
}
