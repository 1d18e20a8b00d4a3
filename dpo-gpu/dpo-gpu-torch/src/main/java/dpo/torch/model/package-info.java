/**
 * Models with their parameters and files: read from a folder, made with random weights, shared while frozen, and saved.
 */
@NullMarked
package dpo.torch.model;

import org.jspecify.annotations.NullMarked;
