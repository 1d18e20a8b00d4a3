/** Experiments on what an objective makes of the labels of one pair of answers: certain, random or flipped ones. */
@NullMarked
package dpo.lab.labels;

import org.jspecify.annotations.NullMarked;
