package dpo.data.template.syntax;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;
import dpo.data.template.text.Characters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lexer of templates, with the white-space control of Jinja2 under {@code trim_blocks} and {@code lstrip_blocks}
 * and without {@code keep_trailing_newline}.
 */
final class Lexer {
    private static final Pattern OPENING = Pattern.compile("\\{[%{#]");
    /** What Python's {@code \s*} matches in text. */
    private static final String SPACE =
            "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f" + "\\u3000]*+";

    private static final Pattern RAW =
            Pattern.compile("\\{%[-+]?" + SPACE + "raw" + SPACE + "(?:-%\\}" + SPACE + "|%\\})");
    private static final Pattern RAW_END =
            Pattern.compile("\\{%([-+]?)" + SPACE + "endraw" + SPACE + "(?:\\+%\\}|-%\\}" + SPACE + "|%\\}\\n?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#\\}|-#\\}" + SPACE + "|#\\}\\n?");
    private static final Pattern STATEMENT_END = Pattern.compile("\\+%\\}|-%\\}" + SPACE + "|%\\}\\n?");
    private static final Pattern OUTPUT_END = Pattern.compile("-\\}\\}" + SPACE + "|\\}\\}");
    private static final Pattern REAL =
            Pattern.compile("(?<!\\.)(?:[0-9]+_)*+[0-9]++(?:(?:\\.(?:[0-9]+_)*+[0-9]++)?[eE][+-]?(?:[0-9]+_)*+[0-9]++"
                    + "|\\.(?:[0-9]+_)*+[0-9]++)");
    private static final Pattern INTEGER = Pattern.compile("[1-9](?:_?[0-9])*+|0(?:_?0)*+(?![bBoOxX])");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*+");
    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|[=!<>]=|[-+/*%~\\[\\](){}<>=.:|,;]");

    private final Meter meter;
    private final String source;
    private final Matcher matcher;
    private final List<Token> tokens = new ArrayList<>();
    /** One string for all equal names and operators, which makes comparisons fast. */
    private final Map<String, String> spellings = new HashMap<>();

    private int position;
    private int line = 1;
    private int counted;
    /** Whether the preceding token ended with a line break, so that the next tag starts a line. */
    private boolean lineStarting = true;

    private Lexer(Meter meter, String source) {
        this.meter = meter;
        this.source = source;
        this.matcher = OPENING.matcher(source).useTransparentBounds(true);
    }

    /** {@return the tokens, the last one being END} */
    static List<Token> tokens(String source, Meter meter) {
        if (source.length() > Limits.SOURCE) {
            throw new Failure("a template must have at most " + Limits.SOURCE + " characters, got " + source.length());
        }
        meter.steps(source.length());
        meter.characters(source.length());
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(meter, lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        try {
            lexer.run();
        } finally {
            meter.at(lexer.line());
        }
        return lexer.tokens;
    }

    private void run() {
        while (position < source.length()) {
            matcher.usePattern(OPENING).region(position, source.length());
            if (!matcher.find()) {
                add(Token.Kind.DATA, source.substring(position));
                position = source.length();
                break;
            }
            open(matcher.start());
        }
        add(Token.Kind.END, "");
    }

    private void open(int start) {
        char kind = source.charAt(start + 1);
        char sign = start + 2 < source.length() ? source.charAt(start + 2) : ' ';
        data(source.substring(position, start), sign, kind != '{');
        position = start;
        Optional<String> raw = kind == '%' ? accept(RAW) : Optional.empty();
        if (raw.isPresent()) {
            lineStarting = raw.get().endsWith("\n");
            raw();
            return;
        }
        position = start + (sign == '-' || sign == '+' ? 3 : 2);
        lineStarting = false;
        if (kind == '#') {
            comment();
        } else if (kind == '%') {
            tag(Token.Kind.STATEMENT_BEGIN, STATEMENT_END, Token.Kind.STATEMENT_END);
        } else {
            tag(Token.Kind.OUTPUT_BEGIN, OUTPUT_END, Token.Kind.OUTPUT_END);
        }
    }

    /**
     * Adds the text before a tag. {@code -} strips it; a statement or comment alone on its line loses its indentation.
     */
    private void data(String text, char sign, boolean stripsLine) {
        String kept = text;
        if (sign == '-') {
            kept = Characters.strip(text, Characters::isSpace, false, true);
        } else if (sign != '+' && stripsLine) {
            int lineStart = text.lastIndexOf('\n') + 1;
            if (lineStart > 0 || lineStarting) {
                boolean blank = text.substring(lineStart).chars().allMatch(Characters::isSpace);
                kept = blank ? text.substring(0, lineStart) : text;
            }
        }
        if (!kept.isEmpty()) {
            add(Token.Kind.DATA, kept);
        }
    }

    private void raw() {
        matcher.usePattern(RAW_END).region(position, source.length());
        if (!matcher.find()) {
            throw new Failure("Missing end of raw directive");
        }
        String sign = matcher.group(1);
        int end = matcher.end();
        data(source.substring(position, matcher.start()), sign.isEmpty() ? ' ' : sign.charAt(0), true);
        position = end;
        lineStarting = source.charAt(end - 1) == '\n';
    }

    private void comment() {
        matcher.usePattern(COMMENT_END).region(position, source.length());
        if (!matcher.find()) {
            throw new Failure("Missing end of comment tag");
        }
        position = matcher.end();
        lineStarting = source.charAt(position - 1) == '\n';
    }

    private void tag(Token.Kind begin, Pattern closing, Token.Kind end) {
        add(begin, "");
        Deque<Character> brackets = new ArrayDeque<>();
        while (position < source.length()) {
            if (brackets.isEmpty()) {
                Optional<String> close = accept(closing);
                if (close.isPresent()) {
                    add(end, "");
                    lineStarting = close.get().endsWith("\n");
                    return;
                }
            }
            token(brackets);
        }
    }

    private void token(Deque<Character> brackets) {
        char c = source.charAt(position);
        if (Characters.isSpace(c)) {
            position++;
        } else if (c == '\'' || c == '"') {
            string(c);
        } else if (!(number(REAL, Token.Kind.REAL)
                || number(INTEGER, Token.Kind.INTEGER)
                || number(NAME, Token.Kind.NAME))) {
            String operator = accept(OPERATOR)
                    .orElseThrow(() ->
                            new Failure("unexpected char '" + Character.toString(source.codePointAt(position)) + "'"));
            balance(operator.charAt(0), brackets);
            add(Token.Kind.OPERATOR, shared(operator));
        }
    }

    private boolean number(Pattern pattern, Token.Kind kind) {
        Optional<String> text = accept(pattern);
        text.ifPresent(digits -> add(kind, kind == Token.Kind.NAME ? shared(digits) : digits.replace("_", "")));
        return text.isPresent();
    }

    private void balance(char operator, Deque<Character> brackets) {
        int opening = "([{".indexOf(operator);
        if (opening >= 0) {
            brackets.push(")]}".charAt(opening));
        } else if (")]}".indexOf(operator) >= 0 && (brackets.isEmpty() || brackets.pop() != operator)) {
            throw new Failure("unexpected '" + operator + "'");
        }
    }

    private void string(char quote) {
        int end = position + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw new Failure("unexpected char " + quote + " (a string without end)");
        }
        String body = source.substring(position + 1, end);
        add(Token.Kind.STRING, Escapes.decode(body));
        position = end + 1;
    }

    private Optional<String> accept(Pattern pattern) {
        matcher.usePattern(pattern).region(position, source.length());
        if (!matcher.lookingAt()) {
            return Optional.empty();
        }
        position = matcher.end();
        return Optional.of(matcher.group());
    }

    private String shared(String spelling) {
        return spellings.computeIfAbsent(spelling, first -> first);
    }

    private void add(Token.Kind kind, String text) {
        meter.shell();
        tokens.add(new Token(kind, text, line()));
    }

    private int line() {
        for (; counted < position && counted < source.length(); counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }
}
