/**
 * From examples to token sequences, with the boundary between prompt and completion where TRL draws it, an explicit
 * choice on truncation and on spellings of special tokens, and a report of everything dropped, cut or in doubt.
 */
@NullMarked
package dpo.data.tokenization;

import org.jspecify.annotations.NullMarked;
