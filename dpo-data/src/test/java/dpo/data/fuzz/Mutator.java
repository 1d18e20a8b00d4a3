package dpo.data.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Mutations of inputs: of their bytes, of their JSON structure, or of both. */
public final class Mutator {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** JSON values at the edges of what readers expect; some are not JSON at all. */
    // spotless:off
    private static final List<String> VALUES = List.of(
            "null", "true", "false", "0", "-1", "1", "2", "1.5", "2147483647", "-2147483648", "4294967296",
            "9223372036854775808", "1e308", "1e999", "-1e999", "1e-400", "1E+1000000000", "NaN", "Infinity", "-0",
            "9".repeat(3000), "0." + "3".repeat(3000), "\"\"", "\" \"", "\"NaN\"", "\"1\"", "\"true\"", "\"\\u0000\"",
            "\"\\ud800\"", "\"\\udc00x\"", "\"\\ufeff\"", "\"\\ud83d\\udc4d\"", "\"<|im_end|>\"", "\"{{ x }}\"",
            "\"" + "long ".repeat(2000) + "\"", "{}", "[]", "[[]]", "[null]", "{\"\": null}", "[{}]",
            "{\"role\": null, \"content\": null}", "[".repeat(60) + "]".repeat(60), "[".repeat(2000) + "]".repeat(2000),
            "{\"a\":".repeat(600) + "1" + "}".repeat(600), "{\"a\": 1, \"a\": 2}",
            "{\"" + "n".repeat(70_000) + "\": 1}");
    // spotless:on

    private static final List<String> NAMES = List.of(
            "role",
            "content",
            "prompt",
            "chosen",
            "rejected",
            "system",
            "tools",
            "tool_calls",
            "name",
            "images",
            "question",
            "input",
            "messages",
            "label",
            "id",
            "",
            " ",
            "\u0000",
            "\ud83d\udc4d",
            "Prompt",
            "prompt ");

    private static final List<byte[]> PIECES = List.of(
            bytes("\ufeff"),
            bytes("\r\n"),
            bytes("\n"),
            bytes("\r"),
            bytes("\u0000"),
            bytes("\u2028"),
            bytes("["),
            bytes("]"),
            bytes("{"),
            bytes("}"),
            bytes("\""),
            bytes("\\"),
            bytes(","),
            bytes(":"),
            bytes("\\ud800"),
            bytes("//x\n"),
            bytes("'"),
            new byte[] {(byte) 0xff},
            new byte[] {(byte) 0xc0, (byte) 0x80},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {(byte) 0xf4, (byte) 0x90, 0, 0},
            new byte[] {0x1f, (byte) 0x8b},
            bytes("[".repeat(3000)),
            bytes("9".repeat(3000)));

    private Mutator() {}

    /** One to four mutations of bytes. */
    public static byte[] bytes(List<byte[]> corpus, SplittableRandom random) {
        byte[] mutant = pick(corpus, random);
        for (int left = random.nextInt(1, 5); left > 0; left--) {
            mutant = byteMutant(mutant, corpus, random);
        }
        return mutant;
    }

    /**
     * One to three mutations of structure in a JSON text or in lines of JSON texts; in one of five, of bytes too. Other
     * texts than JSON are mutated in their bytes.
     */
    public static byte[] json(List<byte[]> corpus, SplittableRandom random) {
        byte[] mutant = pick(corpus, random);
        for (int left = random.nextInt(1, 4); left > 0; left--) {
            mutant = structureMutant(mutant, corpus, random);
        }
        return random.nextInt(5) == 0 ? byteMutant(mutant, corpus, random) : mutant;
    }

    /** Mutations of structure in three of four cases, else of bytes. */
    public static byte[] any(List<byte[]> corpus, SplittableRandom random) {
        return random.nextInt(4) == 0 ? bytes(corpus, random) : json(corpus, random);
    }

    private static byte[] byteMutant(byte[] input, List<byte[]> corpus, SplittableRandom random) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + (random.nextBoolean() ? 1 : random.nextInt(40)));
        byte[] range = Arrays.copyOfRange(input, from, to);
        byte[] other = pick(corpus, random);
        return switch (random.nextInt(7)) {
            case 0 -> flipped(input, from, random);
            case 1 -> spliced(input, from, to, new byte[0]);
            case 2 -> spliced(input, to, to, range);
            case 3 -> spliced(input, from, from, PIECES.get(random.nextInt(PIECES.size())));
            case 4 -> Arrays.copyOf(input, from);
            case 5 -> spliced(input, from, to, PIECES.get(random.nextInt(PIECES.size())));
            default ->
                spliced(
                        input,
                        from,
                        input.length,
                        Arrays.copyOfRange(other, Math.min(from, other.length), other.length));
        };
    }

    private static byte[] flipped(byte[] input, int at, SplittableRandom random) {
        byte[] mutant = input.clone();
        if (at < mutant.length) {
            mutant[at] ^= (byte) (1 << random.nextInt(8));
        }
        return mutant;
    }

    private static byte[] spliced(byte[] input, int from, int to, byte[] piece) {
        ByteArrayOutputStream mutant = new ByteArrayOutputStream();
        mutant.write(input, 0, from);
        mutant.writeBytes(piece);
        mutant.write(input, to, input.length - to);
        return mutant.toByteArray();
    }

    private static byte[] structureMutant(byte[] input, List<byte[]> corpus, SplittableRandom random) {
        String text = new String(input, StandardCharsets.UTF_8);
        try {
            return bytes(mutant(JSON.readTree(text), random));
        } catch (JacksonException notOneText) {
            List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
            int line = random.nextInt(lines.size());
            try {
                lines.set(line, mutant(JSON.readTree(lines.get(line)), random));
            } catch (JacksonException notJson) {
                return byteMutant(input, corpus, random);
            }
            return bytes(String.join("\n", lines));
        }
    }

    /** The text of a tree with one changed container; marks represent values that no tree can contain. */
    private static String mutant(JsonNode tree, SplittableRandom random) {
        String value = VALUES.get(random.nextInt(VALUES.size()));
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        if (containers.isEmpty()) {
            return value;
        }
        JsonNode container = containers.get(random.nextInt(containers.size()));
        String mark = "\u2063mark";
        if (container instanceof ObjectNode object) {
            mutate(object, mark, containers, random);
        } else {
            mutate((ArrayNode) container, mark, containers, random);
        }
        return JSON.writeValueAsString(tree).replace("\"" + mark + "\"", value);
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainer() && !node.isEmpty()) {
            containers.add(node);
        }
        node.forEach(child -> collect(child, containers));
    }

    private static void mutate(ObjectNode object, String mark, List<JsonNode> others, SplittableRandom random) {
        List<String> names = new ArrayList<>(object.propertyNames());
        String name = names.get(random.nextInt(names.size()));
        String other = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(6)) {
            case 0 -> object.remove(name);
            case 1 -> object.put(other, mark);
            case 2 -> object.set(other, object.remove(name));
            case 3 -> object.set(name, NODES.arrayNode().add(object.get(name)));
            case 4 -> object.set(name, others.get(random.nextInt(others.size())).deepCopy());
            default -> object.put(name, mark);
        }
    }

    private static void mutate(ArrayNode array, String mark, List<JsonNode> others, SplittableRandom random) {
        int at = random.nextInt(array.size());
        switch (random.nextInt(6)) {
            case 0 -> array.remove(at);
            case 1 -> array.add(array.get(at).deepCopy());
            case 2 -> array.insert(random.nextInt(array.size()), array.remove(at));
            case 3 -> array.insert(at, mark);
            case 4 -> array.set(at, others.get(random.nextInt(others.size())).deepCopy());
            default -> array.set(at, NODES.stringNode(mark));
        }
    }

    private static byte[] pick(List<byte[]> corpus, SplittableRandom random) {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
