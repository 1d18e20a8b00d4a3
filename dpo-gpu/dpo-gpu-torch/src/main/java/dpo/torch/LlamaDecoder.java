package dpo.torch;

import dpo.torch.checkpoint.LlamaConfig;
import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The body of a Llama decoder: from token embeddings to the hidden states that predict the scored tokens.
 *
 * <p>Each layer adds attention and then a gated feed-forward to the residual stream, both behind RMS norms (as
 * transformers' {@code LlamaForCausalLM}).
 */
final class LlamaDecoder {

    private final LlamaConfig config;
    private final FloatTensors parameters;
    private final RotaryTable rotary;
    private final Machine machine;

    LlamaDecoder(LlamaConfig config, FloatTensors parameters, Machine machine) {
        this.config = config;
        this.parameters = parameters;
        this.rotary = new RotaryTable(config, machine.device());
        this.machine = machine;
    }

    /**
     * Normalised last hidden states at the positions before scored tokens.
     *
     * @param rows the packed rows
     * @param embedded embeddings of their tokens, {@code [packed, hidden]}
     * @return {@code [scored, hidden]}
     */
    Tensor hidden(PackedRows rows, Tensor embedded) {
        RotaryTable.Rotations rotations = rotary.at(rows.positions());
        CausalAttention attention = new CausalAttention(config, rows.segments(), machine.device());
        Tensor stream = embedded;
        for (int i = 0; i < config.layers(); i++) {
            int layer = i;
            Tensor input = stream;
            stream = Tensors.scoped(() -> feedForward(layer, attend(layer, input, rotations, attention)));
        }
        Tensor predicting = stream.index_select(0, machine.device().place(Tensor.create(rows.scoredFrom())));
        return normalised(predicting, "model.norm.weight");
    }

    private Tensor attend(int layer, Tensor stream, RotaryTable.Rotations rotations, CausalAttention attention) {
        Tensor input = normalised(stream, LlamaConfig.inLayer(layer, "input_layernorm.weight"));
        Tensor queries = heads(projected(input, layer, "self_attn.q_proj"), config.heads());
        Tensor keys = heads(projected(input, layer, "self_attn.k_proj"), config.keyValueHeads());
        Tensor values = heads(projected(input, layer, "self_attn.v_proj"), config.keyValueHeads());
        Tensor attended = attention.apply(rotations.turn(queries), rotations.turn(keys), values);
        return stream.add(projected(attended, layer, "self_attn.o_proj"));
    }

    private Tensor feedForward(int layer, Tensor stream) {
        Tensor input = normalised(stream, LlamaConfig.inLayer(layer, "post_attention_layernorm.weight"));
        Tensor gate = torch.silu(projected(input, layer, "mlp.gate_proj"));
        Tensor up = projected(input, layer, "mlp.up_proj");
        return stream.add(projected(gate.mul(up), layer, "mlp.down_proj"));
    }

    private Tensor heads(Tensor vectors, long heads) {
        return vectors.view(-1, heads, config.headSize());
    }

    private Tensor projected(Tensor input, int layer, String part) {
        Tensor weight = parameters.get(LlamaConfig.inLayer(layer, part + ".weight"));
        Optional<Tensor> bias = parameters.find(LlamaConfig.inLayer(layer, part + ".bias"));
        return machine.product().linear(input, weight, bias);
    }

    private Tensor normalised(Tensor input, String weight) {
        return torch.rms_norm(input, new long[] {config.hiddenSize()},
                new TensorOptional(parameters.get(weight)), new DoubleOptional(config.normEpsilon()));
    }
}
