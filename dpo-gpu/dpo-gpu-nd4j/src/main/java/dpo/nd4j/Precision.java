package dpo.nd4j;

import org.nd4j.linalg.api.buffer.DataType;

/** The dtype of a network's parameters and products. */
public enum Precision {
    /** Single precision. */
    FLOAT32(DataType.FLOAT),
    /** Double precision. */
    FLOAT64(DataType.DOUBLE);

    private final DataType dataType;

    Precision(DataType dataType) {
        this.dataType = dataType;
    }

    /** ND4J's name for it. */
    DataType dataType() {
        return dataType;
    }
}
