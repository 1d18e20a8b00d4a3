/**
 * Translations of other systems' configurations: TRL's objective, a TRL DPO configuration, NeMo RL's {@code dpo.yaml}.
 * A translation accounts for every key of its source: it is translated, or a note reports it as ignored or unsupported.
 */
@NullMarked
package dpo.harness.peer;

import org.jspecify.annotations.NullMarked;
