package dev.holdfast.mover.worker;

import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferResult;

/** The engine as a worker sees it. */
@FunctionalInterface
interface TransferRunner {
    TransferResult run(TransferPlan plan, TransferControl control, TransferListener listener)
            throws TransferException, InterruptedException;
}
