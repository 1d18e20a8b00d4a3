/** Event files for TensorBoard, written without TensorFlow. */
@NullMarked
package dpo.experiments.tensorboard;

import org.jspecify.annotations.NullMarked;
