/**
 * The files of a model folder that concern text, read as transformers 5 reads them. Begin with {@link
 * dpo.data.tokenization.modelfolder.ModelFolder}. A value that cannot be used is refused with file and key.
 */
@NullMarked
package dpo.data.tokenization.modelfolder;

import org.jspecify.annotations.NullMarked;
