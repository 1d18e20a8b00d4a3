package dpo.harness.evaluation;

import dpo.core.loss.PreferenceLoss;

/**
 * An objective and the name under which its numbers are shown.
 *
 * @param name such as the text from which it was read
 * @param loss the objective
 */
public record NamedObjective(String name, PreferenceLoss loss) {}
