package dpo.torch.training;

import dpo.torch.autograd.Gradients;
import dpo.torch.autograd.Recorder;
import dpo.torch.autograd.Tape;
import dpo.torch.layout.TokenLayout;
import dpo.torch.lm.LanguageModel;
import dpo.torch.nn.Decoder;
import dpo.torch.nn.ForwardContext;
import dpo.torch.tensor.RetainedTensors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A part of a {@link BodyPass}, on the calling thread. A {@link Tape} records it from the embeddings on; the gradient of
 * the embedding is written out and added straight to that of the parameter.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
final class BodyPart implements AutoCloseable {

    private final LanguageModel model;
    private final Tape tape;
    private final ForwardContext context;
    private final Tensor ids;
    private final Tensor embedded;
    private final Tensor hidden;
    private final RetainedTensors retained = new RetainedTensors();
    private boolean closed;

    /** Runs the pass. */
    BodyPart(LanguageModel model, TokenLayout layout, PassSettings settings) {
        this.model = model;
        this.tape = new Tape(model.device().precision());
        this.context = model.context(layout, tape, settings.dropout());
        boolean complete = false;
        try (PointerScope scope = new PointerScope()) {
            ids = model.device().place(Tensor.create(layout.ids()));
            embedded = Tape.leaf(model.embed(ids));
            hidden = new Decoder(model.architecture(), context).hidden(embedded, step(settings.checkpointing()));
            Stream.of(ids, embedded, hidden).forEach(retained::add);
            complete = true;
        } finally {
            if (!complete) { // out of memory, for example: an object whose constructor fails cannot be closed
                tape.close();
                context.close();
            }
        }
    }

    /**
     * Evaluates layers on the tape, each as a checkpoint if the settings require it, so that its inner gradients stay
     * inside it.
     */
    private Decoder.LayerStep step(boolean checkpointing) {
        if (!checkpointing) {
            return (layer, stream) -> layer.apply(stream, context);
        }
        ForwardContext withoutGraph =
                context.with(Recorder.withoutGradient(model.device().precision()));
        return (layer, stream) -> tape.checkpoint(
                stream,
                input -> layer.apply(input, withoutGraph),
                (input, own) -> layer.apply(input, context.with(own)));
    }

    /** The last hidden states, {@code [predictors, hidden]}, outside any graph, in the current scope. */
    Tensor hidden() {
        return hidden.detach();
    }

    /** Adds the gradient of the parameters, given that of the hidden states. */
    void backward(Tensor ofHidden) {
        Tape.backward(hidden, ofHidden);
        tape.backward();
        if (model.embedding().requires_grad()) {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                Gradients.of(model.embedding()).index_add_(0, ids, embedded.grad());
            }
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tape.close();
            context.close();
            retained.close();
        }
    }
}
