package dpo.data.example;

/** What was made of a row and has a prompt. */
public interface Prompted {

    /** The context of all that is said after it. */
    Text prompt();
}
