package dev.holdfast.transfer.repository;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest extends BlobStoreContract {
    @TempDir
    Path directory;

    @Override
    BlobStore store() {
        return new FileBlobStore(directory);
    }
}
