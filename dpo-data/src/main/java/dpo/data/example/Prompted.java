package dpo.data.example;

/** A result of a row that has a prompt. */
public interface Prompted {

    /** The prompt. */
    Text prompt();
}
