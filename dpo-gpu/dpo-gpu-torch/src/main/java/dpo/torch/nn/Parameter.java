package dpo.torch.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * A parameter of a model.
 *
 * @param name its name in the checkpoint
 * @param shape size of each dimension
 */
public record Parameter(String name, List<Long> shape) {

    public Parameter {
        shape = List.copyOf(shape);
    }

    /** The parameter of a name and sizes. */
    public static Parameter of(String name, long... sizes) {
        List<Long> shape = new ArrayList<>();
        for (long size : sizes) {
            shape.add(size);
        }
        return new Parameter(name, shape);
    }
}
