package dpo.torch.training;

import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Ranks;
import dpo.core.setting.Requirement;
import dpo.torch.autograd.Gradients;
import dpo.torch.checkpoint.Checkpoint;
import dpo.torch.checkpoint.SafetensorsFile;
import dpo.torch.checkpoint.SafetensorsWriter;
import dpo.torch.ranks.TorchRanks;
import dpo.torch.tensor.BoxedOperator;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * AdamW by libtorch's fused kernel {@code aten::_fused_adamw_}. The clipping factor is passed to the kernel as its
 * gradient scale, so clipping needs no extra pass over memory.
 *
 * <p>Weight decay applies to matrices; parameters of one dimension are biases and norms.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class FusedAdamW implements Optimizer {

    private static final String STATE = "optimizer.safetensors";
    private static final String STEPS = "steps";
    private static final String FIRST = "exp_avg.";
    private static final String SECOND = "exp_avg_sq.";

    /** Keeps the quotient finite at zero gradient, as in {@code clip_grad_norm_}. */
    private static final double NORM_EPSILON = 1e-6;

    private final NamedTensors parameters;
    private final NamedTensors moments;
    /** Hold the sum of the gradients of shares. */
    private Optional<NamedTensors> shares = Optional.empty();

    private final AdamW settings;
    private final TorchDevice device;
    private final Runnable changed;
    private long steps;

    /**
     * An optimizer without history.
     *
     * @param changed called after each update of the parameters
     */
    public FusedAdamW(NamedTensors parameters, AdamW settings, TorchDevice device, Runnable changed) {
        this.parameters = parameters;
        this.changed = changed;
        this.settings = settings;
        this.device = device;
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        parameters.shapes().forEach((name, shape) -> {
            shapes.put(FIRST + name, shape);
            shapes.put(SECOND + name, shape);
        });
        this.moments = new NamedTensors(shapes, device);
    }

    @Override
    public double step(double learningRate) {
        Requirement.notNegative("learning_rate", learningRate);
        return PhaseEvent.in(PhaseEvent.OPTIMIZER, () -> clipAndUpdate(learningRate));
    }

    @Override
    public void endShare() {
        shares = shares.or(() -> Optional.of(parameters.aliases()));
        move(parameters, shares.orElseThrow());
    }

    private static void move(NamedTensors from, NamedTensors to) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Gradients.move(from.all().values(), to.all().values());
        }
    }

    @Override
    public void sumGradient(Ranks ranks) {
        if (ranks.count() == 1) {
            move(shares.orElseThrow(), parameters);
            return;
        }
        if (!(ranks instanceof TorchRanks of)) {
            throw new IllegalArgumentException("ranks must be those of this backend, got others");
        }
        of.sum(parameters.all().values().stream().map(Gradients::of).toList());
    }

    private double clipAndUpdate(double learningRate) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            double norm = Gradients.norm(parameters.all().values());
            if (Double.isFinite(norm)) {
                double clip = Math.min(1, settings.maxGradNorm() / (norm + NORM_EPSILON));
                update(learningRate, clip, settings.weightDecay(), true);
                update(learningRate, clip, 0, false);
                steps++;
                changed.run();
            }
            return norm;
        } finally {
            Gradients.clear(parameters.all().values());
        }
    }

    /** Number of updates so far, including those before a restored state. */
    public long steps() {
        return steps;
    }

    @Override
    public void save(Path folder) {
        SafetensorsWriter.write(folder.resolve(STATE), Map.of(STEPS, Long.toString(steps)), moments.sources());
    }

    @Override
    public void restore(Path folder) {
        SafetensorsFile file = SafetensorsFile.open(folder.resolve(STATE));
        String saved = file.metadata().getOrDefault(STEPS, "nothing");
        if (!saved.matches("\\d{1,18}")) {
            throw new IllegalArgumentException(STEPS + " must be a number, got " + saved + " (" + file.path() + ")");
        }
        moments.copyFrom(Checkpoint.of(file), "the optimizer");
        steps = Long.parseLong(saved);
    }

    @Override
    public void close() {
        shares.ifPresent(NamedTensors::close);
        moments.close();
    }

    /** One fused call for the matrices, which decay, or for the vectors, which do not. */
    private void update(double learningRate, double clip, double weightDecay, boolean matrices) {
        TensorVector values = new TensorVector();
        TensorVector gradients = new TensorVector();
        TensorVector first = new TensorVector();
        TensorVector second = new TensorVector();
        TensorVector stepCounts = new TensorVector();
        Tensor step = scalar(steps + 1.0);
        parameters.all().forEach((name, parameter) -> {
            if (parameter.dim() > 1 == matrices) {
                values.push_back(parameter);
                gradients.push_back(Gradients.of(parameter));
                first.push_back(moments.get(FIRST + name));
                second.push_back(moments.get(SECOND + name));
                stepCounts.push_back(step);
            }
        });
        if (values.empty()) {
            return; // the kernel for GPUs reads the first one
        }
        double beta1 = settings.betas().get(0);
        double beta2 = settings.betas().get(1);
        BoxedOperator.of("aten::_fused_adamw_")
                .call(
                        0,
                        list(values),
                        list(gradients),
                        list(first),
                        list(second),
                        list(new TensorVector()),
                        list(stepCounts),
                        new IValue(learningRate),
                        new IValue(beta1),
                        new IValue(beta2),
                        new IValue(weightDecay),
                        new IValue(settings.epsilon()),
                        new IValue(false),
                        new IValue(false),
                        new IValue(scalar(1 / clip)),
                        new IValue());
    }

    private Tensor scalar(double value) {
        return torch.full(new long[0], new Scalar(value), device.options(ScalarType.Float));
    }

    private static IValue list(TensorVector tensors) {
        return new IValue(new GenericList(new TensorList(tensors)));
    }
}
