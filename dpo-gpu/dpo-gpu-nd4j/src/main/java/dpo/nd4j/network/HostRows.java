package dpo.nd4j.network;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The columns of a matrix, each contiguous, read and written as doubles in the memory of the host. */
final class HostRows {

    private final INDArray matrix;
    private final int size;
    private final boolean isDouble;
    private final float[] floats;

    /** @param matrix {@code [size, rows]} in the order f, with its data to itself */
    HostRows(INDArray matrix) {
        this.matrix = matrix;
        this.size = Math.toIntExact(matrix.size(0));
        this.isDouble = matrix.dataType() == DataType.DOUBLE;
        this.floats = new float[isDouble ? 0 : size];
        Nd4j.getAffinityManager().ensureLocation(matrix, Location.HOST);
    }

    /** Number of columns. */
    int rows() {
        return Math.toIntExact(matrix.size(1));
    }

    /** Reads a column. */
    void get(int row, double[] into) {
        if (isDouble) {
            doubles(row).get(into);
            return;
        }
        floats(row).get(floats);
        for (int i = 0; i < size; i++) {
            into[i] = floats[i];
        }
    }

    /** Writes a column. */
    void put(int row, double[] values) {
        if (isDouble) {
            doubles(row).put(values);
            return;
        }
        for (int i = 0; i < size; i++) {
            floats[i] = (float) values[i];
        }
        floats(row).put(floats);
    }

    /** Says that the host's copy is the newest, after the last {@link #put}. */
    void written() {
        Nd4j.getAffinityManager().tagLocation(matrix, Location.HOST);
    }

    private FloatBuffer floats(int row) {
        FloatBuffer buffer = matrix.data().asNioFloat();
        return buffer.position(buffer.position() + row * size);
    }

    private DoubleBuffer doubles(int row) {
        DoubleBuffer buffer = matrix.data().asNioDouble();
        return buffer.position(buffer.position() + row * size);
    }
}
