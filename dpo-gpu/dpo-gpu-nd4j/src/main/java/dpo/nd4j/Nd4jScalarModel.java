package dpo.nd4j;

import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.sequence.TokenSequence;
import dpo.nd4j.network.NetworkScalarPass;
import dpo.nd4j.network.TokenRows;
import java.nio.file.Path;
import java.util.List;

/** The body of a network with an output of one number; it is saved as a network that Deeplearning4j opens. */
final class Nd4jScalarModel implements ScalarModel {

    private final TrainedNetwork trained;

    /** @param trained a network with one output, which is closed with this */
    Nd4jScalarModel(TrainedNetwork trained) {
        this.trained = trained;
    }

    @Override
    public String fingerprint() {
        return trained.fingerprint();
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
                trained.network(),
                TokenRows.prefixes(sequences, trained.network().vocabulary(), trained.maxLength()),
                sequences.stream()
                        .mapToInt(sequence -> sequence.scoredTokens() + 1)
                        .toArray());
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

    @Override
    public void close() {
        trained.close();
    }
}
