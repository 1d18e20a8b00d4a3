package dpo.nd4j.network;

import dpo.core.backend.ScalarPass;
import java.util.Arrays;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A forward pass of a network with an output of one number. */
public final class NetworkScalarPass implements ScalarPass {

    private final LanguageNetwork network;
    private final BodyPass body;
    private final double[][] values;
    private final INDArray hidden;

    /**
     * Runs the pass.
     *
     * @param lengths number of values of each row
     */
    public NetworkScalarPass(LanguageNetwork network, TokenRows rows, int[] lengths) {
        this.network = network;
        this.body = new BodyPass(network, rows);
        this.values = Arrays.stream(lengths).mapToObj(double[]::new).toArray(double[][]::new);
        this.hidden = body.run(this::read);
    }

    private INDArray read(INDArray states) {
        HostRows numbers = new HostRows(network.head().logits(states));
        double[] number = new double[1];
        int place = 0;
        for (double[] row : values) {
            for (int i = 0; i < row.length; i++) {
                numbers.get(place++, number);
                row[i] = number[0];
            }
        }
        return states;
    }

    @Override
    public double[][] values() {
        return Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
    }

    @Override
    public void backward(double[][] gradient) {
        int[] expected = Arrays.stream(values).mapToInt(row -> row.length).toArray();
        int[] got = Arrays.stream(gradient).mapToInt(row -> row.length).toArray();
        if (!Arrays.equals(expected, got)) {
            throw new IllegalArgumentException("gradient must have the shape of the values, rows of "
                    + Arrays.toString(expected) + ", got " + Arrays.toString(got));
        }
        double[] flat = Stream.of(gradient).flatMapToDouble(Arrays::stream).toArray();
        body.backward(() -> network.head()
                .backward(
                        hidden,
                        Nd4j.create(flat, new long[] {1, flat.length}, 'f').castTo(hidden.dataType())));
    }

    @Override
    public void close() {
        body.close();
    }
}
