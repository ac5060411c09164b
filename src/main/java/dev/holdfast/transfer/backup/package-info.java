/**
 * Source into repository: one thread walks, workers read, cut, hash, compress and seal, each into packs of its own.
 * What is finished is recorded beside the data, so a later attempt goes on from there.
 */
@NullMarked
package dev.holdfast.transfer.backup;

import org.jspecify.annotations.NullMarked;
