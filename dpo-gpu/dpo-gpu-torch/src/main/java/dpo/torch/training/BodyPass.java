package dpo.torch.training;

import dpo.torch.layout.TokenLayout;
import dpo.torch.lm.LanguageModel;
import dpo.torch.tensor.RetainedTensors;
import dpo.torch.tensor.Tensors;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A forward pass from token ids to the last hidden states that can be back-propagated. In small models, parts of the
 * rows are computed side by side, each on one thread and with gradients of its own, which are added in the order of the
 * parts.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class BodyPass implements AutoCloseable {

    private final LanguageModel model;
    private final TokenLayout layout;
    private final BodyPart[] parts;
    private final long[] starts;
    private final Tensor hidden;
    private final RetainedTensors retained = new RetainedTensors();
    private boolean spent;
    private boolean closed;

    /** Runs the pass. */
    BodyPass(LanguageModel model, TokenLayout layout, PassSettings settings) {
        this.model = model;
        this.layout = layout;
        List<? extends TokenLayout> layouts = model.parts(layout);
        this.parts = new BodyPart[layouts.size()];
        this.starts = new long[parts.length + 1];
        for (int part = 0; part < parts.length; part++) {
            starts[part + 1] = starts[part] + layouts.get(part).predictors().length;
        }
        this.hidden = Tensors.freedOnFailure(
                this::close,
                () -> PhaseEvent.in(PhaseEvent.BODY_FORWARD, () -> {
                    List<LanguageModel> models = parts.length == 1 ? List.of(model) : model.ofParts(parts.length);
                    inParallel(part -> parts[part] = new BodyPart(models.get(part), layouts.get(part), settings));
                    return joined();
                }));
    }

    private void inParallel(IntConsumer task) {
        if (parts.length == 1) {
            task.accept(0);
            return;
        }
        model.device().taskPool().run(parts.length, part -> {
            try (AutoGradMode graph = new AutoGradMode(true)) {
                task.accept(part);
            }
        });
        model.useThreadsForHead(layout);
    }

    private Tensor joined() {
        try (PointerScope scope = new PointerScope()) {
            return retained.add(
                    parts.length == 1
                            ? parts[0].hidden()
                            : torch.cat(new TensorVector(
                                    Stream.of(parts).map(BodyPart::hidden).toArray(Tensor[]::new))));
        }
    }

    /** The last hidden states, {@code [predictors, hidden]}, outside any graph. */
    Tensor hidden() {
        return hidden;
    }

    /** Announces the one backward pass. */
    void spend() {
        if (spent || closed) {
            throw new IllegalStateException("backward must be called at most once, and before close");
        }
        spent = true;
    }

    /** Adds the gradient of the parameters, given that of the hidden states. */
    void backward(Tensor ofHidden) {
        inParallel(part -> parts[part].backward(ofHidden.narrow(0, starts[part], starts[part + 1] - starts[part])));
        if (parts.length > 1) {
            model.addGradientsOfParts();
        }
    }

    @Override
    public void close() {
        closed = true;
        Stream.of(parts).filter(Objects::nonNull).forEach(BodyPart::close);
        retained.close();
    }
}
