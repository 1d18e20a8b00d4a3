package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.SamplesConfig;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.SampleLine;
import dpo.train.EvaluationSet;
import dpo.train.Progress;
import dpo.train.StopRequested;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Completions of the first held-out prompts by policy and reference. Every evaluation uses the same random numbers, so
 * that differences come from the model only.
 *
 * <p>A fixed reference is the policy before the first step, or a model of its own, and is sampled once, at step 0; a
 * moving reference is sampled at every evaluation. Prompts are those of the first evaluation set.
 */
final class Samples implements AutoCloseable {

    private final ExperimentConfig config;
    private final Policy policy;
    private final Progress progress;
    private final BooleanSupplier stopRequested;
    private final List<HeldOut> prompts;
    private final Optional<ExampleTokenizer> tokenizer;
    private List<List<Integer>> ofReference = List.of();

    /** The tokens of a prompt, and the first example with that prompt. */
    private record HeldOut(String example, List<Integer> ids) {}

    /**
     * Creates the sampler of a configuration, without prompts if it has no {@code samples}.
     *
     * @param sets the evaluation sets; prompts of the first one are completed
     * @param policy the policy, sampled in its current state
     * @param stopRequested polled before each batch; if true, sampling ends with {@link StopRequested}
     */
    Samples(
            ExperimentConfig config,
            List<EvaluationSet> sets,
            Policy policy,
            Progress progress,
            BooleanSupplier stopRequested) {
        this.config = config;
        this.policy = policy;
        this.progress = progress;
        this.stopRequested = stopRequested;
        this.prompts = firstPrompts(
                sets.stream()
                        .limit(1)
                        .flatMap(set -> set.preferences().stream())
                        .toList(),
                config.training().samples().map(SamplesConfig::prompts).orElse(0));
        // The controlled world has no text.
        this.tokenizer = config.data()
                .evaluation()
                .filter(sources -> !prompts.isEmpty())
                .flatMap(sources -> sources.byName().values().stream().findFirst())
                .flatMap(source -> source.match(
                        text -> config.data().tokenizer().or(policy::tokenizerFolder), world -> Optional.empty()))
                .map(folder -> ExampleTokenizer.open(folder, config.data().tokenization()));
    }

    private static List<HeldOut> firstPrompts(List<Preference> heldOut, int count) {
        Map<List<Integer>, String> examples = new LinkedHashMap<>();
        for (Preference preference : heldOut) {
            TokenSequence sequence = preference.first();
            List<Integer> ids = IntStream.of(sequence.ids())
                    .limit(sequence.turns().get(0).start())
                    .boxed()
                    .toList();
            if (examples.size() < count) {
                examples.putIfAbsent(ids, preference.id());
            }
        }
        return examples.entrySet().stream()
                .map(each -> new HeldOut(each.getValue(), each.getKey()))
                .toList();
    }

    /**
     * Samples and records step 0, or reads its recorded samples.
     *
     * @param ownReference the model of a reference of its own; empty if the reference is equal to the policy at step 0
     */
    void begin(int stepsDone, Optional<Policy> ownReference, RunFolder folder, RunLog log) {
        if (prompts.isEmpty()) {
            return;
        }
        if (stepsDone == 0) {
            List<List<Integer>> ofPolicy = drawn(policy, "samples before training");
            ofReference = ownReference
                    .map(reference -> drawn(reference, "samples of the reference"))
                    .orElse(ofPolicy);
            log.samples(lines(0, ofPolicy, ofReference));
            return;
        }
        ofReference = folder.samples().stream()
                .filter(line -> line.step() == 0)
                .map(SampleLine::referenceIds)
                .toList();
        if (ofReference.size() != prompts.size()) {
            throw new OutputException("samples.jsonl must hold a line of step 0 for each of " + prompts.size()
                    + " prompts, got " + ofReference.size() + " (" + folder.path() + ")");
        }
    }

    /**
     * Samples and records a step.
     *
     * @param movingReference the reference in its current state; empty if it is fixed
     */
    void after(int step, Optional<Policy> movingReference, RunLog log) {
        if (!prompts.isEmpty()) {
            List<List<Integer>> ofPolicy = drawn(policy, "samples at step " + step);
            log.samples(lines(
                    step,
                    ofPolicy,
                    movingReference
                            .map(reference -> drawn(reference, "samples of the reference at step " + step))
                            .orElse(ofReference)));
        }
    }

    private List<List<Integer>> drawn(Policy model, String what) {
        Sampling settings = config.training().samples().orElseThrow().sampling();
        RandomStreams streams = new RandomStreams(config.seed());
        Set<Integer> endIds = tokenizer.map(ExampleTokenizer::endIds).orElse(Set.of());
        // The last forward pass holds the prompt and its whole completion.
        int[] tokens = prompts.stream()
                .mapToInt(prompt -> prompt.ids().size() + settings.maxNewTokens())
                .toArray();
        List<List<Integer>> drawn = new ArrayList<>(Collections.nCopies(prompts.size(), List.of()));
        int done = 0;
        progress.begin(what, prompts.size());
        try {
            for (List<Integer> indices : config.training().microBatches().cut(tokens)) {
                StopRequested.throwIf(stopRequested);
                List<Prompt> batch = indices.stream()
                        .map(index -> new Prompt(prompts.get(index).ids(), streams.stream("samples/" + index)))
                        .toList();
                List<SampledCompletion> continuations = model.sample(batch, settings, endIds);
                for (int i = 0; i < batch.size(); i++) {
                    drawn.set(indices.get(i), continuations.get(i).ids());
                }
                done += batch.size();
                progress.at(done, "");
            }
            return drawn;
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("training.samples cannot be drawn: " + e.getMessage(), e);
        } finally {
            progress.end();
        }
    }

    private List<SampleLine> lines(int step, List<List<Integer>> ofPolicy, List<List<Integer>> reference) {
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> {
                    HeldOut prompt = prompts.get(i);
                    return new SampleLine(
                            step,
                            prompt.example(),
                            text(prompt.ids()),
                            text(ofPolicy.get(i)),
                            text(reference.get(i)),
                            prompt.ids(),
                            ofPolicy.get(i),
                            reference.get(i));
                })
                .toList();
    }

    private Optional<String> text(List<Integer> ids) {
        return tokenizer.map(present -> present.tokenizer()
                .decode(ids.stream().mapToInt(Integer::intValue).toArray()));
    }

    @Override
    public void close() {
        tokenizer.ifPresent(ExampleTokenizer::close);
    }
}
