@NullMarked
package dpo.nd4j;

import org.jspecify.annotations.NullMarked;
