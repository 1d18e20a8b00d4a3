package dpo.nd4j;

import dpo.core.backend.AdamW;
import dpo.core.backend.CompanionFiles;
import dpo.core.backend.Optimizer;
import dpo.nd4j.network.LanguageNetwork;
import dpo.nd4j.network.NetworkState;
import java.nio.file.Path;

/** A network whose parameters are all trained, with the files that are saved beside it. */
final class TrainedNetwork implements AutoCloseable {

    private final LanguageNetwork network;
    private final int maxLength;
    private final CompanionFiles companions;
    private final String fingerprint;

    /**
     * A network of its own, in a state.
     *
     * @param companions files that are saved with the network
     */
    TrainedNetwork(NetworkState state, int maxLength, CompanionFiles companions) {
        this.network = new LanguageNetwork(state.plan(), state.parameters());
        this.maxLength = maxLength;
        this.companions = companions;
        this.fingerprint = state.sha256();
    }

    LanguageNetwork network() {
        return network;
    }

    int maxLength() {
        return maxLength;
    }

    /** Content hash of the network as it was opened. */
    String fingerprint() {
        return fingerprint;
    }

    Optimizer optimizer(AdamW settings) {
        return new FlatAdamW(network, settings);
    }

    /** A network with a copy of this body and an output of one number. */
    TrainedNetwork scalar() {
        return new TrainedNetwork(state().scalar(), maxLength, companions);
    }

    /** Writes a network that Deeplearning4j opens. */
    void save(Path folder) {
        new NetworkFolder(folder).write(state(), maxLength, companions);
    }

    /** Reads what {@link #save} has written. */
    void restore(Path folder) {
        network.parameters()
                .assign(new NetworkFolder(folder)
                        .readAs(network.plan(), network.parameters().dataType())
                        .parameters());
        network.changed();
    }

    private NetworkState state() {
        return new NetworkState(network.plan(), network.parameters());
    }

    @Override
    public void close() {
        network.close();
    }
}
