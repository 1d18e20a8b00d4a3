package dpo.torch.block;

/**
 * How many numbers a pass keeps until its gradient has been taken.
 *
 * @param ofProducts those in the number format of products
 * @param wide those that are float32 in any case
 * @param copies those of float32 numbers that are kept once more in the format of products, where that is another one
 * @param wideCopies those in float32 beside numbers of products, where their format is another one
 */
public record Kept(long ofProducts, long wide, long copies, long wideCopies) {

    /** Nothing. */
    public static final Kept NONE = new Kept(0, 0, 0, 0);

    /** Numbers in the format of products. */
    public static Kept ofProducts(long numbers) {
        return new Kept(numbers, 0, 0, 0);
    }

    /** Numbers in float32. */
    public static Kept wide(long numbers) {
        return new Kept(0, numbers, 0, 0);
    }

    /** Numbers in float32 that products take in. */
    public static Kept intoProducts(long numbers) {
        return new Kept(0, numbers, numbers, 0);
    }

    /** Float32 numbers beside those of products. */
    public static Kept besideProducts(long numbers) {
        return new Kept(0, 0, 0, numbers);
    }

    /** These and others. */
    public Kept plus(Kept others) {
        return new Kept(
                ofProducts + others.ofProducts,
                wide + others.wide,
                copies + others.copies,
                wideCopies + others.wideCopies);
    }

    /** Bytes, where a number of a product has so many. */
    public long bytes(int ofProduct) {
        return ofProduct == Float.BYTES
                ? Float.BYTES * (ofProducts + wide)
                : ofProduct * (ofProducts + copies) + Float.BYTES * (wide + wideCopies);
    }
}
