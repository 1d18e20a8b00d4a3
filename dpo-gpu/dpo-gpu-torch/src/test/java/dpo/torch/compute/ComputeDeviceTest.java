package dpo.torch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.torch.tensor.TorchDevice;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The number of threads follows from the size of a pass. */
class ComputeDeviceTest {

    private final ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), 2);

    @Test
    void a_pass_of_small_matmuls_has_one_thread() {
        device.useThreadsFor(1500, 64 * 160);
        assertThat(torch.get_num_threads()).isEqualTo(1);
    }

    @Test
    void a_pass_has_as_many_parts_as_threads_if_the_matmuls_of_a_part_are_small() {
        assertThat(device.parts(1500, 64 * 160)).isEqualTo(2);
        assertThat(device.parts(100, 64 * 160)).isEqualTo(1);
        assertThat(device.parts(1500, 576 * 1536)).isEqualTo(1);
        assertThat(device.ofOneThread().parts(1500, 64 * 160)).isEqualTo(1);
    }

    @Test
    void a_pass_of_large_matmuls_has_all_threads_even_with_a_single_token() {
        device.useThreadsFor(1500, 64 * 160);
        device.useThreadsFor(1, 576 * 1536);
        assertThat(torch.get_num_threads()).isEqualTo(2);
    }
}
