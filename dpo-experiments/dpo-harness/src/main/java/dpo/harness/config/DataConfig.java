package dpo.harness.config;

import dpo.core.setting.Setting;
import dpo.data.tokenization.TokenizationSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the preferences come from and how they become tokens.
 *
 * @param train training preferences
 * @param evaluation held-out preferences
 * @param tokenizer folder of the tokenizer in place of the model's
 * @param tokenization how text becomes tokens; its keys stand beside the others
 */
public record DataConfig(
        @Setting(about = "training preferences") DataSource train,
        @Setting(about = "held-out preferences") Optional<DataSource> evaluation,
        @Setting(about = "folder of the tokenizer in place of the model's") Optional<Path> tokenizer,
        @Inlined TokenizationSettings tokenization) {}
