package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that the files other than {@code tokenizer.json} name or add, read as in transformers 5: {@code
 * tokenizer_config.json} and, where that has no {@code added_tokens_decoder}, the files of older versions, {@code
 * special_tokens_map.json} and {@code added_tokens.json}.
 *
 * @param named tokens by name, such as {@code eos_token}: the usual ones in the order of transformers, then the model's
 * @param extra special tokens without a name
 * @param listed listed tokens by id
 */
record ConfiguredTokens(Map<String, AddedToken> named, List<AddedToken> extra, SortedMap<Integer, Listed> listed) {

    /** A token and the place in the file that assigns its id. */
    record Listed(AddedToken token, JsonValue place) {}

    private static final List<String> USUAL =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    private static final String SUFFIX = "_token";
    private static final String EXTRA = "extra_special_tokens";
    private static final String ADDITIONAL = "additional_special_tokens";
    private static final String SPECIFIC = "model_specific_special_tokens";

    /**
     * Reads the files of a folder.
     *
     * @throws DataException if a value has a wrong type or transformers would not load it either
     */
    static ConfiguredTokens read(Path folder, JsonValue config, TokenizerFile tokenizer) {
        requireSupported(config);
        Map<String, JsonValue> settings = new LinkedHashMap<>(config.fields());
        boolean older = !config.has("added_tokens_decoder");
        if (older) {
            mergeOlder(
                    settings,
                    JsonFile.optional(folder.resolve("special_tokens_map.json")).fields());
        }
        Map<String, AddedToken> named = readNamed(settings, tokenizer);
        List<AddedToken> extra = readExtra(settings);
        return new ConfiguredTokens(
                named,
                extra,
                older
                        ? readOlderList(JsonFile.optional(folder.resolve("added_tokens.json")), spellings(named, extra))
                        : readList(config.field("added_tokens_decoder")));
    }

    /** The tokens that transformers adds to a tokenizer that has some already. */
    List<AddedToken> toAdd(Collection<AddedToken> present) {
        Set<AddedToken> seen = new HashSet<>();
        Set<String> known = new HashSet<>();
        present.forEach(token -> {
            seen.add(token.resolved());
            known.add(token.content());
        });
        List<AddedToken> add = new ArrayList<>();
        listed.values().stream()
                .map(Listed::token)
                .filter(token -> seen.add(token.resolved()))
                .forEach(add::add);
        add.forEach(token -> known.add(token.content()));
        Stream.concat(named.values().stream(), extra.stream())
                .filter(token -> !known.contains(token.content()) && seen.add(token.resolved()))
                .forEach(add::add);
        Set<String> names = named.values().stream().map(AddedToken::content).collect(Collectors.toSet());
        return add.stream()
                .map(token -> names.contains(token.content()) ? token.asSpecial() : token)
                .toList();
    }

    /** Spellings of the tokens that the files declare special, with or without a name. */
    Set<String> specialSpellings() {
        return spellings(named, extra);
    }

    private static Set<String> spellings(Map<String, AddedToken> named, List<AddedToken> extra) {
        return Stream.concat(named.values().stream(), extra.stream())
                .map(AddedToken::content)
                .filter(content -> !content.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static void requireSupported(JsonValue config) {
        if (config.field("split_special_tokens").flag(false)) {
            throw config.field("split_special_tokens").wrong("false, so that special tokens are single tokens");
        }
        if (!config.field("fast_tokenizer_files").elements().isEmpty()) {
            throw config.field("fast_tokenizer_files").wrong("absent, so that tokenizer.json is the tokenizer");
        }
    }

    /**
     * In older folders {@code special_tokens_map.json} takes precedence, and its tokens are special. An exception is
     * its {@code additional_special_tokens} where the configuration has a list of extra tokens.
     */
    private static void mergeOlder(Map<String, JsonValue> settings, Map<String, JsonValue> map) {
        JsonValue own = settings.get(EXTRA);
        boolean hasList = (own != null && !own.isObject()) || (isEmpty(own) && settings.containsKey(ADDITIONAL));
        map.forEach((name, value) -> {
            if (name.equals(EXTRA) && value.isList() && !isEmpty(own)) {
                throw value.wrong("in one of special_tokens_map.json and tokenizer_config.json");
            }
            if (!name.equals(ADDITIONAL) || !hasList) {
                settings.put(name, value);
            }
        });
    }

    /** Reads the usual tokens in the order of transformers, then those that only this model has. */
    private static Map<String, AddedToken> readNamed(Map<String, JsonValue> settings, TokenizerFile tokenizer) {
        Map<String, AddedToken> named = new LinkedHashMap<>();
        for (String name : USUAL) {
            JsonValue token = settings.get(name);
            if (token != null && !token.isAbsent()) {
                named.put(name, AddedToken.read(token));
            } else if (token == null && name.equals("pad_token")) {
                tokenizer.padToken().ifPresent(pad -> named.put(name, AddedToken.special(pad)));
            }
        }
        settings.forEach((name, token) -> {
            boolean isToken = token.isText() || (token.isObject() && token.has("content"));
            if (name.endsWith(SUFFIX) && !USUAL.contains(name) && isToken) {
                named.put(name, AddedToken.read(token));
            }
        });
        JsonValue own = settings.get(EXTRA);
        if (own != null && own.isObject()) {
            own.fields().forEach((name, token) -> named.put(name, AddedToken.read(token)));
        } else if (settings.containsKey(SPECIFIC) && named.keySet().stream().allMatch(USUAL::contains)) {
            settings.get(SPECIFIC).fields().forEach((name, token) -> named.put(name, AddedToken.read(token)));
        }
        return named;
    }

    /** Reads {@code extra_special_tokens}, or {@code additional_special_tokens} where the former is no list. */
    private static List<AddedToken> readExtra(Map<String, JsonValue> settings) {
        JsonValue own = settings.get(EXTRA);
        JsonValue list = own != null && !own.isObject() && !isEmpty(own) ? own : settings.get(ADDITIONAL);
        return list == null
                ? List.of()
                : list.elements().stream().map(AddedToken::read).toList();
    }

    private static boolean isEmpty(@Nullable JsonValue value) {
        return value == null || value.isAbsent() || (value.node().isEmpty() && !value.isText());
    }

    /** Reads {@code added_tokens_decoder}: objects by id. */
    private static SortedMap<Integer, Listed> readList(JsonValue list) {
        SortedMap<Integer, Listed> listed = new TreeMap<>();
        list.fields().forEach((key, value) -> {
            if (!value.isObject()) {
                throw value.wrong("an object with content");
            }
            add(listed, new Listed(AddedToken.read(value), value), id(key, value));
        });
        return listed;
    }

    /** Reads {@code added_tokens.json}: ids by spelling. */
    private static SortedMap<Integer, Listed> readOlderList(JsonValue list, Set<String> special) {
        SortedMap<Integer, Listed> listed = new TreeMap<>();
        list.fields().forEach((content, id) -> {
            boolean isSpecial = special.contains(content);
            AddedToken token = new AddedToken(content, false, false, false, Optional.of(!isSpecial), isSpecial);
            add(listed, new Listed(token, id), id.id());
        });
        return listed;
    }

    private static void add(SortedMap<Integer, Listed> listed, Listed token, int id) {
        if (listed.put(id, token) != null) {
            throw token.place().wrong("the only token with id " + id);
        }
    }

    private static int id(String key, JsonValue value) {
        if (key.matches("[0-9]{1,9}")) {
            return Integer.parseInt(key);
        }
        throw new DataException(
                value.name() + " must have a token id as its key, got " + key + " (" + value.file() + ")");
    }
}
