package dpo.nd4j;

import dpo.core.backend.AdamW;
import dpo.core.backend.Optimizer;
import dpo.core.setting.Requirement;
import dpo.nd4j.network.LanguageNetwork;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/** {@link AdamW} on all parameters of a network as one row; ND4J has no AdamW, but an operation for Adam's moments. */
final class FlatAdamW implements Optimizer {

    private static final String STATE = "optimizer.bin";

    /** Keeps the quotient finite at zero gradient. */
    private static final double NORM_EPSILON = 1e-6;

    private final LanguageNetwork network;
    private final AdamW settings;
    private final INDArray first;
    private final INDArray second;
    private int steps;

    FlatAdamW(LanguageNetwork network, AdamW settings) {
        this.network = network;
        this.settings = settings;
        this.first = Nd4j.zerosLike(network.parameters());
        this.second = Nd4j.zerosLike(network.parameters());
    }

    @Override
    public double step(double learningRate) {
        Requirement.notNegative("learning_rate", learningRate);
        INDArray gradient = network.gradient();
        double norm = gradient.norm2Number().doubleValue();
        if (Double.isFinite(norm)) {
            gradient.muli(Math.min(1, settings.maxGradNorm() / (norm + NORM_EPSILON)));
            update(gradient, learningRate);
            network.changed();
        }
        gradient.assign(0);
        return norm;
    }

    /**
     * ND4J's operation makes {@code η √(1−β2^t) / (1−β1^t) · m / (√v + ε)} of its own ε; with ε √(1−β2^t) for that, it is
     * AdamW's {@code η (m / (1−β1^t)) / (√(v / (1−β2^t)) + ε)}.
     */
    private void update(INDArray gradient, double learningRate) {
        if (settings.weightDecay() > 0) {
            network.arrays().values().stream()
                    .filter(LanguageNetwork.Parameters::decays)
                    .forEach(array -> array.values().muli(1 - learningRate * settings.weightDecay()));
        }
        double beta1 = settings.betas().get(0);
        double beta2 = settings.betas().get(1);
        double epsilon = settings.epsilon() * Math.sqrt(1 - Math.pow(beta2, steps + 1.0));
        Nd4j.exec(new AdamUpdater(gradient, second, first, learningRate, beta1, beta2, epsilon, steps));
        network.parameters().subi(gradient);
        steps++;
    }

    @Override
    public void save(Path folder) {
        Path file = folder.resolve(STATE);
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeInt(steps);
            Nd4j.write(first, out);
            Nd4j.write(second, out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e, e);
        }
    }

    @Override
    public void restore(Path folder) {
        Path file = folder.resolve(STATE);
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            int saved = in.readInt();
            first.assign(moment(in));
            second.assign(moment(in));
            steps = saved;
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "file must be the state of this network's optimizer, got " + e + " (" + file + ")", e);
        }
    }

    private INDArray moment(DataInputStream in) throws IOException {
        INDArray moment = Nd4j.read(in);
        if (moment.length() != first.length() || moment.dataType() != first.dataType()) {
            throw new IllegalArgumentException("moments must be " + first.length() + " numbers in " + first.dataType()
                    + ", got " + moment.length() + " in " + moment.dataType());
        }
        return moment;
    }

    @Override
    public void close() {
        if (first.closeable()) {
            first.close();
            second.close();
        }
    }
}
