/** Event files for TensorBoard, written without TensorFlow. */
@NullMarked
package dpo.harness.tensorboard;

import org.jspecify.annotations.NullMarked;
