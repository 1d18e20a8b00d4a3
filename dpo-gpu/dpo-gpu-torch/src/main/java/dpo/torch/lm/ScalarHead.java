package dpo.torch.lm;

import dpo.torch.autograd.Gradients;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.SafetensorsFile;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A head with one output, {@code v = h · w + b}, in float32; w and b are 0 at first. Its gradient is written out, as
 * that of the {@link LanguageHead}: {@code ∂v/∂h = w}, {@code ∂v/∂w = h}, {@code ∂v/∂b = 1}.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class ScalarHead implements AutoCloseable {

    /** The file of w and b; the other files of a saved scalar model are those of its body. */
    public static final String FILE = "scalar_head.safetensors";

    private static final String WEIGHT = "score.weight";
    private static final String BIAS = "score.bias";

    private final NamedTensors tensors;

    /** A trainable head of hidden states of a width. */
    public ScalarHead(int hiddenSize, TorchDevice device) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        shapes.put(WEIGHT, List.of(1L, (long) hiddenSize));
        shapes.put(BIAS, List.of(1L));
        this.tensors = new NamedTensors(shapes, device);
        tensors.train();
    }

    /** w and b. */
    public NamedTensors tensors() {
        return tensors;
    }

    /**
     * The values of hidden states, in the current scope and outside any graph.
     *
     * @param hidden {@code [rows, hidden]}
     * @return {@code [rows]}
     */
    public Tensor values(Tensor hidden) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            // Not a matrix product, whose kernel, and so its rounding, depends on the number of rows.
            return hidden.mul(tensors.get(WEIGHT)).sum(1).add_(tensors.get(BIAS));
        }
    }

    /**
     * The gradient of {@code Σ_i g_i v_i} with respect to the hidden states; that of w and b is added to the ones
     * stored with them.
     *
     * @param hidden as in {@link #values}
     * @param gradient g, {@code [rows]}
     * @return {@code [rows, hidden]}, in the current scope
     */
    public Tensor backward(Tensor hidden, Tensor gradient) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Tensor column = gradient.unsqueeze(1);
            try (PointerScope scope = new PointerScope()) {
                Gradients.add(tensors.get(WEIGHT), hidden.mul(column).sum(0).unsqueeze(0));
                Gradients.add(tensors.get(BIAS), gradient.sum().unsqueeze(0));
            }
            return column.mul(tensors.get(WEIGHT));
        }
    }

    /** Writes w and b into a folder. */
    public void save(Path folder) {
        SafetensorsWriter.write(folder.resolve(FILE), Map.of("format", "pt"), tensors.sources());
    }

    /** Reads what {@link #save} has written. */
    public void restore(Path folder) {
        tensors.copyFrom(Checkpoint.of(SafetensorsFile.open(folder.resolve(FILE))), "the scalar head");
    }

    @Override
    public void close() {
        tensors.close();
    }
}
