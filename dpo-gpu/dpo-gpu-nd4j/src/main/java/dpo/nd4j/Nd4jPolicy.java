package dpo.nd4j;

import dpo.core.backend.AdamW;
import dpo.core.backend.CompanionFiles;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.RewardFunction;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sampling.CompletionSampler;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.PretrainedWorld;
import dpo.nd4j.network.LanguageNetwork;
import dpo.nd4j.network.NetworkPass;
import dpo.nd4j.network.NetworkProbe;
import dpo.nd4j.network.NetworkState;
import dpo.nd4j.network.TokenRows;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A Deeplearning4j network as a policy; all its parameters are trained. */
final class Nd4jPolicy implements Policy {

    private final TrainedNetwork trained;
    private final LanguageNetwork network;
    private final Optional<Path> tokenizer;
    private final Optional<PretrainedWorld> world;

    /**
     * A policy of a network that it trains and closes.
     *
     * @param companions files that are saved with the network
     * @param tokenizer folder of its tokenizer, if it has one
     * @param world the controlled world that it belongs to, if it does
     */
    Nd4jPolicy(
            NetworkState state,
            int maxLength,
            CompanionFiles companions,
            Optional<Path> tokenizer,
            Optional<PretrainedWorld> world) {
        this.trained = new TrainedNetwork(state, maxLength, companions);
        this.network = trained.network();
        this.tokenizer = tokenizer;
        this.world = world;
    }

    /** The network. */
    LanguageNetwork network() {
        return network;
    }

    /**
     * Tries what the network's configuration does not show; see {@link NetworkProbe}. If it fails, this is closed.
     *
     * @throws IllegalArgumentException with the property that the network lacks
     */
    void probe() {
        boolean complete = false;
        try {
            new NetworkProbe(network).check();
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    @Override
    public List<String> notices() {
        return network.plan().hasDropout()
                ? List.of("The network is trained without its dropout and noise of weights.")
                : List.of();
    }

    @Override
    public int vocabularySize() {
        return network.vocabulary();
    }

    @Override
    public int maxLength() {
        return trained.maxLength();
    }

    @Override
    public Optional<Path> tokenizerFolder() {
        return tokenizer;
    }

    @Override
    public String fingerprint() {
        return trained.fingerprint();
    }

    @Override
    public Map<String, String> checksums() {
        return network.checksums();
    }

    @Override
    public TokenLogProbs logProbs(List<TokenSequence> sequences) {
        try (ForwardPass pass = forward(sequences)) {
            return pass.logProbs();
        }
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return forward(sequences, StatisticRequest.NONE);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences, StatisticRequest request) {
        return new NetworkPass(
                network,
                TokenRows.scored(sequences, vocabularySize(), maxLength()),
                TokenShape.of(sequences),
                request.statistics(),
                request.reference().map(other -> ofSameStructure(other).network));
    }

    private Nd4jPolicy ofSameStructure(Policy other) {
        if (!(other instanceof Nd4jPolicy that
                && that.network.plan().graph().equals(network.plan().graph())
                && that.network.parameters().dataType() == network.parameters().dataType())) {
            throw new IllegalArgumentException(
                    "other policy must be a network of the same configuration and dtype, got " + other);
        }
        return that;
    }

    /**
     * Each token takes a pass over the rows so far, which any network can do. In a controlled world, tokens that are not
     * followed by others there end a completion.
     */
    @Override
    public List<SampledCompletion> sample(List<Prompt> prompts, Sampling settings, Set<Integer> endIds) {
        for (int row = 0; row < prompts.size(); row++) {
            prompts.get(row).requireWithin(vocabularySize(), maxLength(), row);
        }
        Set<Integer> ends = new HashSet<>(endIds);
        world.ifPresent(of -> ends.addAll(of.endIds()));
        List<Growing> all = prompts.stream()
                .map(prompt -> new Growing(prompt, new CompletionSampler(prompt, settings, ends, maxLength())))
                .toList();
        for (List<Growing> open = all;
                !open.isEmpty();
                open = open.stream().filter(Growing::isOpen).toList()) {
            double[][] logits = network.logits(
                    TokenRows.last(open.stream().map(Growing::ids).toArray(int[][]::new)));
            for (int row = 0; row < logits.length; row++) {
                open.get(row).take(logits[row]);
            }
        }
        return all.stream().map(row -> row.sampler.finished()).toList();
    }

    /** A prompt with its completion so far. */
    private static final class Growing {

        private final CompletionSampler sampler;
        private int[] ids;

        Growing(Prompt prompt, CompletionSampler sampler) {
            this.sampler = sampler;
            this.ids = prompt.ids().stream().mapToInt(Integer::intValue).toArray();
        }

        boolean isOpen() {
            return !sampler.isOver();
        }

        int[] ids() {
            return ids;
        }

        void take(double[] logits) {
            int next = sampler.take(logits);
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = next;
        }
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        return trained.optimizer(settings);
    }

    @Override
    public void save(Path folder) {
        trained.save(folder);
    }

    @Override
    public void restore(Path folder) {
        trained.restore(folder);
    }

    /** A scalar model with a copy of this network's body. */
    Nd4jScalarModel scalar() {
        return new Nd4jScalarModel(trained.scalar());
    }

    @Override
    public void moveTowards(Policy other, double share) {
        INDArray target = ofSameStructure(other).network.parameters();
        INDArray parameters = network.parameters();
        if (share == 1) {
            parameters.assign(target);
        } else if (share > 0) {
            try (INDArray way = target.sub(parameters)) {
                parameters.addi(way.muli(share));
            }
        }
        network.changed();
    }

    @Override
    public Optional<ExactEvaluation> exactEvaluation() {
        return world.map(of -> of.evaluation(sequences -> PretrainedNetworks.nextTokenLogProbs(network, sequences)));
    }

    @Override
    public Optional<RewardFunction> trueReward() {
        return world.map(of -> of::rewards);
    }

    @Override
    public void close() {
        trained.close();
    }
}
