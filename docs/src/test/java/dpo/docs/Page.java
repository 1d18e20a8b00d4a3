package dpo.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown page.
 *
 * @param path its file
 * @param text its whole content
 */
record Page(Path path, String text) {

    private static final String FENCE = "```";
    private static final Pattern CODE_SPAN = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    /**
     * A fenced block.
     *
     * @param language first word after the fence; empty where there is none
     * @param title the other words after the fence
     * @param content its lines
     * @param place file and line of the fence, for messages
     */
    record Block(String language, String title, String content, String place) {

        @Override
        public String toString() {
            return place;
        }
    }

    /** The fenced blocks in order. */
    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(FENCE)) {
                int begin = i++;
                StringBuilder content = new StringBuilder();
                while (!lines.get(i).startsWith(FENCE)) {
                    content.append(lines.get(i++)).append('\n');
                }
                String[] info = (lines.get(begin).substring(FENCE.length()) + " ").split(" ", 2);
                blocks.add(new Block(
                        info[0], info[1].strip(), content.toString(), path.getFileName() + ":" + (begin + 1)));
            }
        }
        return blocks;
    }

    /** The fenced blocks of a language. */
    Stream<Block> blocks(String language) {
        return blocks().stream().filter(block -> block.language().equals(language));
    }

    /** The code spans in single backticks outside of fenced blocks. */
    List<String> codeSpans() {
        return CODE_SPAN.matcher(prose()).results().map(match -> match.group(1)).toList();
    }

    /** The code spans of the rows of tables, each row's together. */
    List<List<String>> tableCodeSpans() {
        return prose().lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> CODE_SPAN
                        .matcher(line)
                        .results()
                        .map(match -> match.group(1))
                        .toList())
                .toList();
    }

    /** Targets of links. */
    List<String> links() {
        return LINK.matcher(prose()).results().map(match -> match.group(1)).toList();
    }

    /** The anchors of the headings, as GitHub creates them. */
    Set<String> anchors() {
        return new HashSet<>(
                HEADING.matcher(prose()).results().map(Page::anchor).toList());
    }

    private static String anchor(MatchResult heading) {
        return heading.group(1)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    private String prose() {
        StringBuilder prose = new StringBuilder();
        boolean fenced = false;
        for (String line : text.lines().toList()) {
            boolean fence = line.startsWith(FENCE);
            if (!fenced && !fence) {
                prose.append(line);
            }
            prose.append('\n');
            fenced ^= fence;
        }
        return prose.toString();
    }

    @Override
    public String toString() {
        return path.getFileName().toString();
    }
}
