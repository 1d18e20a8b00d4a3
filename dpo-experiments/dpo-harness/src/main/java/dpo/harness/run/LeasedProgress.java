package dpo.harness.run;

import dpo.harness.store.Lease;
import dpo.train.Progress;

/** Reports the progress of work that needs a lease, and ends the work where the lease is lost. */
public record LeasedProgress(Progress inner, Lease lease) implements Progress {

    /** @throws Lease.Lost if another process has taken over */
    @Override
    public void begin(String task, int total) {
        lease.require();
        inner.begin(task, total);
    }

    /** @throws Lease.Lost if another process has taken over */
    @Override
    public void at(int done, String note) {
        lease.require();
        inner.at(done, note);
    }

    @Override
    public void end() {
        inner.end();
    }

    @Override
    public Progress part(String label) {
        return new LeasedProgress(inner.part(label), lease);
    }

    @Override
    public void print(String line) {
        inner.print(line);
    }
}
