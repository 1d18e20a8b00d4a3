package dpo.torch.nn;

/**
 * The number of elements that a forward pass saves for its backward pass.
 *
 * @param ofMatMuls numbers in the dtype of matmuls
 * @param float32 numbers that are float32 in every dtype
 * @param roundedCopies float32 numbers that are also saved in the dtype of matmuls, if that is not float32
 * @param float32Copies numbers of matmuls that are also saved in float32, if the dtype of matmuls is not float32
 */
public record SavedActivations(long ofMatMuls, long float32, long roundedCopies, long float32Copies) {

    /** Nothing. */
    public static final SavedActivations NONE = new SavedActivations(0, 0, 0, 0);

    /** Numbers in the dtype of matmuls. */
    public static SavedActivations ofMatMuls(long numbers) {
        return new SavedActivations(numbers, 0, 0, 0);
    }

    /** Numbers in float32. */
    public static SavedActivations inFloat32(long numbers) {
        return new SavedActivations(0, numbers, 0, 0);
    }

    /** Float32 numbers that are inputs of matmuls. */
    public static SavedActivations matMulInputs(long numbers) {
        return new SavedActivations(0, numbers, numbers, 0);
    }

    /** Float32 copies of numbers of matmuls. */
    public static SavedActivations float32Copies(long numbers) {
        return new SavedActivations(0, 0, 0, numbers);
    }

    /** The sum of both. */
    public SavedActivations plus(SavedActivations others) {
        return new SavedActivations(
                ofMatMuls + others.ofMatMuls,
                float32 + others.float32,
                roundedCopies + others.roundedCopies,
                float32Copies + others.float32Copies);
    }

    /** Their bytes, given the bytes per number in the dtype of matmuls. */
    public long bytes(int perNumber) {
        return perNumber == Float.BYTES
                ? Float.BYTES * (ofMatMuls + float32)
                : perNumber * (ofMatMuls + roundedCopies) + Float.BYTES * (float32 + float32Copies);
    }
}
