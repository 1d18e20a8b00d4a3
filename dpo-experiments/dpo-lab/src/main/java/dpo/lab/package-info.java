/**
 * The laboratory: each claim of DPO theory is an {@link dpo.lab.Experiment}, a record of settings that computes
 * quantities, compares them with what theory predicts, and gives a {@link dpo.lab.Verdict}.
 */
@NullMarked
package dpo.lab;

import org.jspecify.annotations.NullMarked;
