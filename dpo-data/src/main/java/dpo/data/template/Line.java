package dpo.data.template;

/** The line of the source that is being worked on, for messages. */
final class Line {
    private int number = 1;

    void at(int line) {
        number = line;
    }

    int number() {
        return number;
    }
}
