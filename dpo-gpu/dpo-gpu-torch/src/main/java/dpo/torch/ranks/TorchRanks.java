package dpo.torch.ranks;

import dpo.core.backend.Ranks;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * The processes that train one model together on this machine. Numbers travel by Gloo over the loopback address;
 * gradients too on a CPU, and by NCCL on GPUs. Nothing is added by either of them: a rank receives its share of the
 * gradients of all ranks, adds it in the order of ranks, and sends the sum to the others. So all ranks have equal bits,
 * and so do repeated runs.
 *
 * <p>The group of NCCL has never run.
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class TorchRanks implements Ranks {

    /** A process that ends closes its connections, which ends the wait of the others; nothing else should. */
    private static final Milliseconds LONGEST_WAIT = new Milliseconds(30L * 24 * 60 * 60 * 1_000);

    /** Numbers of gradients that are summed together, 128 MB: more would only cost memory. */
    private static final long MOST_TOGETHER = 1L << 25;

    private final TorchDevice device;
    private final int rank;
    private final int count;
    private final Path meeting;
    private final Runnable beforeMeeting;
    private Optional<Groups> groups = Optional.empty();

    private record Groups(FileStore store, Backend ofNumbers, Backend ofGradients) {}

    /**
     * @param meeting file at which the processes meet; it does not exist before and after
     * @param beforeMeeting called once, before this process waits for the others
     */
    public TorchRanks(TorchDevice device, int rank, int count, Path meeting, Runnable beforeMeeting) {
        this.device = device;
        this.rank = rank;
        this.count = count;
        this.meeting = meeting;
        this.beforeMeeting = beforeMeeting;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int count() {
        return count;
    }

    private Groups groups() {
        if (groups.isEmpty()) {
            beforeMeeting.run();
            FileStore store = retained(new FileStore(meeting.toString(), count));
            Backend gloo = retained(gloo(store));
            groups = Optional.of(new Groups(store, gloo, device.isCpu() ? gloo : retained(nccl(store))));
        }
        return groups.get();
    }

    private static <T extends Pointer> T retained(T pointer) {
        pointer.retainReference();
        return pointer;
    }

    private Backend gloo(FileStore store) {
        ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(LONGEST_WAIT);
        options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname("127.0.0.1")));
        return new ProcessGroupGloo(store, rank, count, options);
    }

    private Backend nccl(FileStore store) {
        return new ProcessGroupNCCL(store, rank, count);
    }

    @Override
    public List<double[]> gather(double[] own) {
        try (PointerScope scope = new PointerScope()) {
            long[] lengths = Arrays.stream(ofAll(new double[] {own.length}))
                    .mapToLong(Math::round)
                    .toArray();
            int longest = (int) Arrays.stream(lengths).max().orElseThrow();
            double[] all = longest == 0 ? new double[0] : ofAll(Arrays.copyOf(own, longest));
            return IntStream.range(0, count)
                    .mapToObj(each -> Arrays.copyOfRange(all, each * longest, each * longest + (int) lengths[each]))
                    .toList();
        }
    }

    /** The equally many numbers of all ranks. */
    private double[] ofAll(double[] own) {
        Tensor sent = Tensor.create(own);
        Tensor received = empty((long) count * own.length, sent);
        await(() -> groups().ofNumbers()._allgather_base(received, sent));
        return Tensors.toDoubles(received);
    }

    /** Replaces float32 gradients, which all ranks give in the same order, by their sums over all ranks. */
    public void sum(Collection<Tensor> gradients) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            TensorVector together = new TensorVector();
            long numbers = 0;
            for (Tensor gradient : gradients) {
                together.push_back(gradient);
                numbers += gradient.numel();
                if (numbers >= MOST_TOGETHER) {
                    sum(together, numbers);
                    together = new TensorVector();
                    numbers = 0;
                }
            }
            if (numbers > 0) {
                sum(together, numbers);
            }
        }
    }

    private void sum(TensorVector gradients, long numbers) {
        try (PointerScope scope = new PointerScope()) {
            long share = (numbers + count - 1) / count;
            Tensor flat = torch.zeros(new long[] {share * count}, device.options(ScalarType.Float));
            long at = 0;
            for (Tensor gradient : gradients.get()) {
                part(flat, at, gradient).copy_(gradient);
                at += gradient.numel();
            }
            Tensor sums = sumOfShares(flat, share);
            at = 0;
            for (Tensor gradient : gradients.get()) {
                gradient.copy_(part(sums, at, gradient));
                at += gradient.numel();
            }
        }
    }

    private static Tensor part(Tensor flat, long from, Tensor like) {
        return flat.narrow(0, from, like.numel()).view(like.sizes());
    }

    /** The sums over the ranks, of which each rank computes a share of equal length. */
    private Tensor sumOfShares(Tensor flat, long share) {
        Tensor ofRanks = torch.empty_like(flat);
        await(() -> groups().ofGradients().alltoall_base(ofRanks, flat, new LongVector(), new LongVector()));
        Tensor sum = ofRanks.narrow(0, 0, share);
        for (int each = 1; each < count; each++) {
            sum.add_(ofRanks.narrow(0, each * share, share));
        }
        await(() -> groups().ofGradients()._allgather_base(flat, sum));
        return flat;
    }

    private static Tensor empty(long numbers, Tensor like) {
        return torch.empty(new long[] {numbers}, like.options(), null);
    }

    private static void await(Supplier<Work> begin) {
        try {
            begin.get()._wait();
        } catch (RuntimeException e) {
            throw new Lost(e);
        }
    }

    @Override
    public void close() {
        groups.ifPresent(open -> {
            if (!device.isCpu()) {
                open.ofGradients().releaseReference();
            }
            open.ofNumbers().releaseReference();
            open.store().releaseReference();
        });
        groups = Optional.empty();
    }
}
