package dev.holdfast.session;

/** Sums over attempts: source bytes sent, of these sent before already, and source bytes read again. */
public record Totals(long bytesSent, long bytesSentAgain, long bytesReadAgain) {
    public static final Totals ZERO = new Totals(0, 0, 0);

    Totals plus(Progress attempt) {
        return new Totals(
                bytesSent + attempt.bytesSent(),
                bytesSentAgain + attempt.bytesSentAgain(),
                bytesReadAgain + attempt.bytesReadAgain());
    }
}
