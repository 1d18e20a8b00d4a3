package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.core.backend.Policy;
import dpo.torch.lora.LoraAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Adapters that PEFT reads and writes. Runs if the system property {@code dpo.python} names a Python interpreter with
 * transformers and peft.
 */
class PeftTest {

    private static final double TOLERANCE = 2e-5;

    /** Prints the log-probabilities of all sequences for each pair of a model and an adapter, one line per sequence. */
    private static final String SCORE = """
            import sys, torch, transformers, peft
            def score(model):
                model = model.double().eval()
                for ids in sys.argv[1].split():
                    ids = torch.tensor([[int(i) for i in ids.split(',')]])
                    log_probs = model(ids[:, :-1]).logits[0].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
                    print(*map(repr, log_probs.tolist()))
            for path, adapter in zip(sys.argv[2::2], sys.argv[3::2]):
                base = transformers.AutoModelForCausalLM.from_pretrained(path, attn_implementation="eager").float()
            """;

    private static final String READ = SCORE + """
            score(peft.PeftModel.from_pretrained(base, adapter))
            """.indent(4);

    /** An adapter with nonzero matrices, as after training. */
    private static final String WRITE = SCORE + """
            torch.manual_seed(1)
            config = peft.LoraConfig(r=3, lora_alpha=7, lora_dropout=0.1, target_modules="all-linear", use_rslora=True,
                                     task_type="CAUSAL_LM")
            model = peft.get_peft_model(base, config)
            for name, parameter in model.named_parameters():
                if "lora_" in name:
                    torch.nn.init.normal_(parameter, std=0.1)
            model.save_pretrained(adapter)
            score(model)
            """.indent(4);

    private final String python = System.getProperty("dpo.python", "");

    @TempDir
    private Path folder;

    @BeforeEach
    void needPython() {
        assumeThat(python)
                .as("system property dpo.python: a Python interpreter with transformers and peft")
                .isNotEmpty();
    }

    @Test
    void an_adapter_trained_here_has_the_same_log_probs_in_peft() throws Exception {
        List<Path> folders = new ArrayList<>();
        List<double[]> here = new ArrayList<>();
        for (Variant variant : ofEachFamily()) {
            for (LoraAdapter adapter : List.of(Opened.lora(2, 5, 0.1), Opened.lora(4, 5, 0, true, LoraAdapter.ALL))) {
                Path saved = folder.resolve(variant.name() + adapter.rank().orElseThrow());
                try (Policy policy =
                        Opened.policy(TorchModel.at(variant.folder()).with(adapter), 2)) {
                    Opened.train(policy, Variant.sequences(), 3);
                    policy.save(saved);
                    here.addAll(rows(policy));
                }
                folders.addAll(List.of(variant.folder(), saved));
            }
        }
        assertSame(here, run(READ, folders));
    }

    @Test
    void an_adapter_written_by_peft_has_the_same_log_probs_here() throws Exception {
        List<Path> folders = new ArrayList<>();
        ofEachFamily().forEach(variant -> folders.addAll(List.of(variant.folder(), folder.resolve(variant.name()))));
        List<double[]> expected = run(WRITE, folders);
        List<double[]> here = new ArrayList<>();
        for (Variant variant : ofEachFamily()) {
            TorchModel model = TorchModel.at(variant.folder()).with(LoraAdapter.at(folder.resolve(variant.name())));
            try (Policy policy = Opened.policy(model, 2)) {
                here.addAll(rows(policy));
            }
        }
        assertSame(here, expected);
    }

    private static List<Variant> ofEachFamily() {
        return List.of(
                new Variant("llama31"),
                new Variant("qwen3_biases"),
                new Variant("gpt2"),
                new Variant("neox"),
                new Variant("gemma2"));
    }

    private static List<double[]> rows(Policy policy) {
        return Variant.sequences().stream()
                .map(sequence -> policy.logProbs(List.of(sequence)).row(0))
                .toList();
    }

    private static void assertSame(List<double[]> here, List<double[]> there) {
        assertThat(there).hasSameSizeAs(here);
        for (int row = 0; row < here.size(); row++) {
            assertThat(here.get(row)).as("row " + row).containsExactly(there.get(row), within(TOLERANCE));
        }
    }

    private List<double[]> run(String script, List<Path> folders) throws IOException, InterruptedException {
        String sequences = Variant.sequences().stream()
                .map(sequence -> Arrays.toString(sequence.ids()).replaceAll("[\\[\\] ]", ""))
                .collect(Collectors.joining(" "));
        List<String> command = new ArrayList<>(List.of(python, "-c", script, sequences));
        folders.forEach(path -> command.add(path.toString()));
        Path log = Files.createTempFile(folder, "python", ".log");
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        return output.lines()
                .map(line -> Arrays.stream(line.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }
}
