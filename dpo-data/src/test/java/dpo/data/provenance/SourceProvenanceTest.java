package dpo.data.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.oracle.labs.mlrg.olcut.config.json.JsonProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceException;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.io.ProvenanceSerializationException;
import dpo.data.TestData;
import dpo.data.format.Conversational;
import dpo.data.row.Rows;
import dpo.data.source.OnBadRow;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tribuo.provenance.DataSourceProvenance;

class SourceProvenanceTest {

    private static final SourceProvenance READ = new Conversational(
                    new Rows(TestData.resource("tiny/pairs.jsonl"), 8, Optional.of(16), OnBadRow.SKIP))
            .read()
            .provenance();
    private static final SourceProvenance WITH_DROPS = new SourceProvenance(
            "a.Reader",
            Map.of("path", "a \"b\".jsonl", "on_bad_row", "skip"),
            "a \"b\".jsonl",
            "0f",
            7,
            3,
            1,
            Map.of("broken_json", 2, "tie", 1));

    @Test
    void a_provenance_read_from_json_is_equal() throws ProvenanceSerializationException {
        JsonProvenanceSerialization json = new JsonProvenanceSerialization(true);
        for (SourceProvenance provenance : new SourceProvenance[] {READ, WITH_DROPS}) {
            assertThat(json.deserializeAndUnmarshal(provenance.toJson())).isEqualTo(provenance);
        }
    }

    @Test
    void it_is_a_tribuo_data_source_provenance_with_the_checksum_as_resource_hash() {
        DataSourceProvenance provenance = READ;
        assertThat(provenance.getClassName()).isEqualTo(Conversational.class.getName());
        assertThat(ProvenanceUtil.convertToMap(provenance))
                .containsEntry(DataSourceProvenance.RESOURCE_HASH, READ.sha256());
    }

    @Test
    void the_provenance_as_text_has_file_counts_and_settings() {
        // sha256sum pairs.jsonl
        assertThat(READ.readable())
                .containsEntry("sha256", "e04d0f40f96d3d4d68fe83a9070229b65854c2bcb3adc6d85a47a19a8a792370")
                .containsEntry("reader", "dpo.data.format.Conversational")
                .containsEntry("read", "24")
                .containsEntry("used", "16")
                .containsEntry("skipped", "8")
                .containsEntry("settings.skip", "8")
                .containsEntry("settings.limit", "16")
                .containsEntry("settings.on_bad_row", "skip");
        assertThat(WITH_DROPS.readable())
                .containsEntry("dropped.broken_json", "2")
                .containsEntry("dropped.tie", "1");
    }

    @Test
    void an_absent_setting_is_not_recorded() {
        assertThat(ReaderSettings.of(new Conversational(Rows.of(TestData.resource("tiny/pairs.jsonl")))))
                .containsOnlyKeys("path", "skip", "on_bad_row");
    }

    @Test
    void a_provenance_without_a_required_part_is_refused() {
        assertThatThrownBy(() -> new SourceProvenance(Map.of())).isInstanceOf(ProvenanceException.class);
    }
}
