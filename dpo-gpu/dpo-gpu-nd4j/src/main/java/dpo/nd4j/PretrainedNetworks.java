package dpo.nd4j;

import dpo.core.backend.CompanionFiles;
import dpo.core.backend.Execution;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.PretrainedWorld;
import dpo.nd4j.network.LanguageNetwork;
import dpo.nd4j.network.NetworkState;
import dpo.nd4j.network.TokenRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;

/** The networks of controlled worlds, each pre-trained once: all policies of a world begin with the same weights. */
final class PretrainedNetworks {

    private record Pretrained(NetworkState state, PretrainedWorld world) {}

    private final Map<Object, Pretrained> pretrained = new HashMap<>();

    /** A policy of a world; waits if another thread pre-trains one. */
    synchronized Nd4jPolicy open(WorldNetwork world, Execution execution, DataType dataType) {
        List<Object> key = List.of(world, execution, dataType);
        Pretrained known = pretrained.get(key);
        if (known == null) {
            known = pretrain(world, dataType);
            pretrained.put(key, known);
        }
        NetworkState copy =
                new NetworkState(known.state.plan(), known.state.parameters().dup());
        return policy(copy, world, Optional.of(known.world));
    }

    private static Pretrained pretrain(WorldNetwork world, DataType dataType) {
        try (Nd4jPolicy policy = policy(world.draw(dataType), world, Optional.empty())) {
            fit(policy, world, "world.pretraining", world.ofPretraining(), world.pretrainingSteps());
            fit(policy, world, "world.sft", world.controlled(), world.sftSteps());
            LanguageNetwork network = policy.network();
            NetworkState state =
                    new NetworkState(network.plan(), network.parameters().dup());
            return new Pretrained(
                    state, new PretrainedWorld(world.controlled(), sequences -> nextTokenLogProbs(network, sequences)));
        }
    }

    private static void fit(Nd4jPolicy policy, WorldNetwork world, String stream, ControlledWorld of, int steps) {
        PretrainedWorld.fit(
                policy,
                of,
                new RandomStreams(world.seed()).stream(stream),
                steps,
                world.pretrainingBatchSize(),
                world.pretrainingLearningRate());
    }

    private static Nd4jPolicy policy(NetworkState state, WorldNetwork world, Optional<PretrainedWorld> exact) {
        return new Nd4jPolicy(state, world.maxLength(), new CompanionFiles(Map.of()), Optional.empty(), exact);
    }

    /** The log-probs of all next tokens at all positions of sequences of one length, flat. */
    static double[] nextTokenLogProbs(LanguageNetwork network, List<TokenSequence> sequences) {
        return network.logProbs(
                TokenRows.all(sequences.stream().map(TokenSequence::ids).toArray(int[][]::new)));
    }
}
