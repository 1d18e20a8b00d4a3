package dpo.data.tokenization;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.example.CompletionExample;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.provenance.SourceProvenance;
import dpo.data.source.Dataset;
import dpo.data.source.Reading;
import dpo.data.template.ChatTemplate;
import dpo.data.tokenization.modelfolder.ModelFolder;
import dpo.data.tokenization.modelfolder.TokenizerFile;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokenization of examples and prompts with the tokenizer and chat template of a model.
 *
 * <p>Conversations are rendered by the chat template, without added tokens: the prompt with its generation prompt, the
 * prompt with a completion without one. Strings are tokenized like TRL's standard format: the end-of-sequence token is
 * appended, and the tokenizer adds its own tokens. The completion starts where the ids of the prompt alone and those of
 * prompt + completion differ, at the minimum over all completions of an example; {@link
 * TokenizationReport#disagreements} counts the examples in which that is not the end of the prompt. In completions of
 * several messages each assistant turn is a separate span, from the end of its generation prompt to the end of its
 * rendered message (TRL scores everything after the prompt).
 *
 * <p>An instance owns a process of the tokenizers library, which {@link #close} ends.
 */
public final class ExampleTokenizer implements AutoCloseable {

    private final TokenizationSettings settings;
    private final TextEncoder encoder;
    private final PlainEncoder plain;
    private final Optional<ChatEncoder> chat;
    private final Path folder;
    private final Set<Integer> endIds;
    private final OptionalInt embeddingRows;

    private ExampleTokenizer(Path folder, TokenizationSettings settings, OptionalInt embeddingRows) {
        ModelFolder model = new ModelFolder(folder);
        this.folder = folder;
        this.settings = settings;
        this.embeddingRows = embeddingRows.isPresent() ? embeddingRows : model.embeddingRows();
        this.endIds = Collections.unmodifiableSet(model.endIds());
        Optional<ChatTemplate> template = model.template(settings.chatTemplate(), settings.day());
        requireFits(model.tokenizer());
        this.encoder = new TextEncoder(model.tokenizer(), settings.specialTokensInText());
        try {
            this.plain = new PlainEncoder(encoder, model);
        } catch (RuntimeException e) {
            encoder.close();
            throw e;
        }
        this.chat = template.map(parsed -> new ChatEncoder(encoder, parsed, model));
    }

    /** Checks ordinary tokens; special ones may be beyond the embedding as long as no text contains them. */
    private void requireFits(TokenizerFile tokenizer) {
        if (embeddingRows.isPresent() && tokenizer.greatestId() >= embeddingRows.getAsInt()) {
            throw new DataException("tokenizer must fit the model's embedding of " + embeddingRows.getAsInt()
                    + " tokens, got a token with id " + tokenizer.greatestId() + " (" + tokenizer.path() + ")");
        }
    }

    /**
     * Opens the tokenizer and chat template of a model.
     *
     * @param modelFolder a folder in Hugging Face layout, with {@code tokenizer.json}; {@code
     *     tokenizer_config.json} and {@code chat_template.jinja} where it has them
     * @throws DataException if a file is missing or cannot be read
     * @throws dpo.data.template.TemplateException if the chat template is refused
     */
    public static ExampleTokenizer open(Path modelFolder, TokenizationSettings settings) {
        return new ExampleTokenizer(modelFolder, settings, OptionalInt.empty());
    }

    /**
     * Opens the tokenizer and chat template of a folder for another model.
     *
     * @param embeddingRows number of rows of that model's embedding, instead of {@code vocab_size} of {@code
     *     config.json}
     * @throws DataException as {@link #open(Path, TokenizationSettings)}, and if the vocabulary is larger
     */
    public static ExampleTokenizer open(Path modelFolder, TokenizationSettings settings, int embeddingRows) {
        return new ExampleTokenizer(modelFolder, settings, OptionalInt.of(embeddingRows));
    }

    /** The underlying tokenizer, closed together with this. */
    public HuggingFaceTokenizer tokenizer() {
        return encoder.tokenizer();
    }

    /**
     * Ids that end a completion: that of {@code eos_token}, and those of {@code eos_token_id} in {@code
     * generation_config.json} or else {@code config.json}; may be empty.
     */
    public Set<Integer> endIds() {
        return endIds;
    }

    /**
     * Ids of a prompt for generation: messages are rendered by the chat template with the generation prompt, a string
     * gets the tokens that the tokenizer adds before it.
     *
     * @param where the prompt's name in messages
     * @throws DataException if it cannot be rendered
     */
    public int[] prompt(Text prompt, String where) {
        try {
            return within(encoder(prompt).prompt(prompt, where), where);
        } catch (BadRowException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    /** The first special token that a text spells, if any. */
    public Optional<String> spelledSpecialToken(String text) {
        return encoder.spelled(text);
    }

    /**
     * Tokenizes preferences. An example that the settings or the template refuse is an error, or is dropped and counted
     * where the data set's policy on bad rows is {@code skip}.
     *
     * @throws DataException if an example is refused, or none is left
     */
    public TokenizedPreferences preferences(Dataset<PreferenceExample> data) {
        TokenizationCounter counter = counter(data.reading(), data.provenance());
        List<Preference> preferences = new ArrayList<>();
        ExampleBatches<PreferenceExample> batches = new ExampleBatches<>(
                encoder,
                this::encoder,
                example -> new ExampleBatches.Texts(example.id(), example.prompt(), example.completions()));
        batches.encode(data.examples(), (example, encoded) -> {
            List<ScoredSequence> sequences = scored(counter, example.id(), encoded);
            if (!sequences.isEmpty()) {
                preferences.add(new Preference(
                        example.id(),
                        sequences.stream().map(ScoredSequence::sequence).toList(),
                        example.label()));
            }
        });
        return new TokenizedPreferences(preferences, counter.report());
    }

    /**
     * Tokenizes prompts with completions.
     *
     * @throws DataException as {@link #preferences}
     */
    public TokenizedCompletions completions(Dataset<CompletionExample> data) {
        TokenizationCounter counter = counter(data.reading(), data.provenance());
        List<TokenSequence> sequences = new ArrayList<>();
        ExampleBatches<CompletionExample> batches = new ExampleBatches<>(
                encoder,
                this::encoder,
                example -> new ExampleBatches.Texts(example.id(), example.prompt(), List.of(example.completion())));
        batches.encode(data.examples(), (example, encoded) -> scored(counter, example.id(), encoded)
                .forEach(scored -> sequences.add(scored.sequence())));
        return new TokenizedCompletions(sequences, counter.report());
    }

    @Override
    public void close() {
        encoder.close();
    }

    private TokenizationCounter counter(Reading reading, SourceProvenance provenance) {
        return new TokenizationCounter(settings, tokenizer(), reading.onBadRow(), provenance.file());
    }

    /** The sequences of an example; none if it is dropped. */
    private List<ScoredSequence> scored(TokenizationCounter counter, String id, ExampleBatches.Encoded encoded) {
        try {
            if (encoded.fault().isPresent()) {
                throw encoded.fault().get();
            }
            encoded.completions().forEach(completion -> within(completion.ids(), id));
        } catch (BadRowException e) {
            return counter.bad(id, e);
        }
        return counter.take(id, encoded.completions());
    }

    private int[] within(int[] ids, String where) {
        for (int id : ids) {
            if (embeddingRows.isPresent() && id >= embeddingRows.getAsInt()) {
                throw new BadRowException(
                        "id_beyond_embedding",
                        "token ids must be below " + embeddingRows.getAsInt()
                                + ", the rows of the model's embedding, got "
                                + tokenizer().decode(new int[] {id}) + " with id "
                                + id + " (" + where + ")");
            }
        }
        return ids;
    }

    private ExampleEncoder encoder(Text prompt) {
        if (prompt instanceof Text.Plain) {
            return plain;
        }
        return chat.orElseThrow(() -> new DataException("model folder must hold a chat template for conversations, got "
                + "neither chat_template.jinja nor chat_template in tokenizer_config.json (" + folder + ")"));
    }
}
