package dpo.nd4j;

import dpo.core.backend.AdamW;
import dpo.core.backend.CompanionFiles;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.sequence.TokenSequence;
import dpo.nd4j.network.LanguageNetwork;
import dpo.nd4j.network.NetworkScalarPass;
import dpo.nd4j.network.NetworkState;
import dpo.nd4j.network.TokenRows;
import java.nio.file.Path;
import java.util.List;

/** The body of a network with an output of one number; it is saved as a network that Deeplearning4j opens. */
final class Nd4jScalarModel implements ScalarModel {

    private final LanguageNetwork network;
    private final int maxLength;
    private final CompanionFiles companions;
    private final String fingerprint;

    /**
     * A model of a network with one output, which it trains and closes.
     *
     * @param companions files that are saved with the network
     */
    Nd4jScalarModel(NetworkState state, int maxLength, CompanionFiles companions) {
        this.network = new LanguageNetwork(state.plan(), state.parameters());
        this.maxLength = maxLength;
        this.companions = companions;
        this.fingerprint = state.sha256();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public double[][] values(List<TokenSequence> sequences) {
        try (ScalarPass pass = forward(sequences)) {
            return pass.values();
        }
    }

    @Override
    public ScalarPass forward(List<TokenSequence> sequences) {
        return new NetworkScalarPass(
                network,
                TokenRows.prefixes(sequences, network.vocabulary(), maxLength),
                sequences.stream()
                        .mapToInt(sequence -> sequence.scoredTokens() + 1)
                        .toArray());
    }

    @Override
    public Optimizer optimizer(AdamW settings) {
        return new FlatAdamW(network, settings);
    }

    @Override
    public void save(Path folder) {
        new NetworkFolder(folder).write(new NetworkState(network.plan(), network.parameters()), maxLength, companions);
    }

    @Override
    public void restore(Path folder) {
        network.parameters()
                .assign(new NetworkFolder(folder)
                        .readAs(network.plan(), network.parameters().dataType())
                        .parameters());
        network.changed();
    }

    @Override
    public void close() {
        network.close();
    }
}
