package dev.holdfast.transfer.repository;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** zstd level 1 with contexts that are kept. Holds memory outside the heap until closed. Not thread-safe. */
final class Compression implements Closeable {
    private static final int LEVEL = 1;

    private @Nullable ZstdCompressCtx compressor;
    private @Nullable ZstdDecompressCtx decompressor;

    static int bound(int length) {
        return Math.toIntExact(Zstd.compressBound(length));
    }

    /** Compressed length, in {@code out} from {@code to}, where it has room for {@link #bound} bytes. */
    int compress(byte[] in, int length, byte[] out, int to) {
        ZstdCompressCtx context = compressor;
        if (context == null) {
            context = new ZstdCompressCtx();
            context.setLevel(LEVEL);
            compressor = context;
        }
        return context.compressByteArray(out, to, out.length - to, in, 0, length);
    }

    /** To {@code out} from 0, exactly {@code length} bytes; an exception when the input says otherwise. */
    void decompress(byte[] in, int stored, byte[] out, int length) throws IOException {
        ZstdDecompressCtx context = decompressor;
        if (context == null) {
            context = new ZstdDecompressCtx();
            decompressor = context;
        }
        try {
            int got = context.decompressByteArray(out, 0, length, in, 0, stored);
            if (got != length) {
                throw new IOException("decompressed to " + got + " bytes instead of " + length);
            }
        } catch (ZstdException bad) {
            throw new IOException("decompress: " + bad.getMessage(), bad);
        }
    }

    @Override
    public void close() {
        if (compressor != null) {
            compressor.close();
            compressor = null;
        }
        if (decompressor != null) {
            decompressor.close();
            decompressor = null;
        }
    }
}
