package dpo.torch.training;

import dpo.torch.linear.Dropout;

/**
 * Settings of a forward pass in training.
 *
 * @param dropout of the adapter's inputs
 * @param checkpointing whether only the input of each layer is saved, and the layer recomputed in the backward pass
 */
public record PassSettings(Dropout dropout, boolean checkpointing) {}
