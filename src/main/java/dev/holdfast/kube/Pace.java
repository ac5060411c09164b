package dev.holdfast.kube;

import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Keeps the bucket at what the settings and, if wanted, the server's refusals say, and passes on what it sees. Lock:
 * the object guards the rate.
 */
final class Pace implements KubeObserver {
    private static final Logger LOG = Logger.getLogger(Pace.class);

    private final boolean automatic;
    private final BudgetSettings settings;
    private final TokenBucket bucket;
    private final KubeObserver next;
    private AutoRate rate = AutoRate.start(System.nanoTime());

    Pace(boolean automatic, BudgetSettings settings, TokenBucket bucket, KubeObserver next) {
        this.automatic = automatic;
        this.settings = settings;
        this.bucket = bucket;
        this.next = next;
        settings.onChange(_ -> apply());
    }

    void tick() {
        change(true);
    }

    @Override
    public void answered(String child, String verb, int status, Duration took) {
        next.answered(child, verb, status, took);
        if (status == 429 && automatic) {
            change(false);
        }
    }

    private void change(boolean quiet) {
        double part;
        synchronized (this) {
            AutoRate before = rate;
            rate = quiet ? before.passed(System.nanoTime()) : before.refused(System.nanoTime());
            if (rate.factor() == before.factor()) {
                return;
            }
            apply();
            part = rate.factor();
        }
        LOG.infof("request rate adapted part=%.2f qps/burst=%s", part, bucket.budget());
    }

    /** Reads both under the lock, so that of two changes the later one counts. */
    private synchronized void apply() {
        bucket.change(settings.effective().budget().times(rate.factor()));
    }

    @Override
    public void waited(String child, Lane lane, Duration waited, boolean gaveUp) {
        next.waited(child, lane, waited, gaveUp);
    }

    @Override
    public void retried(String reason) {
        next.retried(reason);
    }

    @Override
    public void servedFromCache(String child, String what) {
        next.servedFromCache(child, what);
    }

    @Override
    public void discovered(String outcome, Duration took) {
        next.discovered(outcome, took);
    }
}
