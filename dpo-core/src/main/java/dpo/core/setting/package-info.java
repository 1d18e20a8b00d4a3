/**
 * Description of settings by records: component names are the keys, annotations hold defaults and meaning.
 */
@NullMarked
package dpo.core.setting;

import org.jspecify.annotations.NullMarked;
