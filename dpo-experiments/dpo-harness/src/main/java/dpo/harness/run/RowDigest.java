package dpo.harness.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dpo.harness.store.Sha256;
import java.security.MessageDigest;
import java.util.function.Consumer;

/**
 * A row of the data after tokenization, by which two data sets are compared. In JSON it is one text, digest and id.
 *
 * @param digest eight digits of the SHA-256 of tokens, spans and label
 * @param id its name in the data
 */
public record RowDigest(String digest, String id) {

    private static final int DIGITS = 8;

    static RowDigest of(String id, Consumer<MessageDigest> content) {
        MessageDigest sha256 = Sha256.digest();
        content.accept(sha256);
        return new RowDigest(Sha256.hex(sha256.digest()).substring(0, DIGITS), id);
    }

    @JsonCreator
    static RowDigest of(String text) {
        return new RowDigest(text.substring(0, DIGITS), text.substring(DIGITS + 1));
    }

    @JsonValue
    String text() {
        return digest + " " + id;
    }
}
