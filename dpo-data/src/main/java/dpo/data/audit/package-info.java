/**
 * Statistics of a preference set before training: counts, lengths, repeated and contradicting pairs, overlap of two
 * sets, the result of tokenization. Begin with {@link dpo.data.audit.DataAudit}.
 */
@NullMarked
package dpo.data.audit;

import org.jspecify.annotations.NullMarked;
