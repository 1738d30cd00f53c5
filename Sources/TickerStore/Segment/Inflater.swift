import CZlib

/// Decompresses blocks one by one.
final class Inflater {
    // zlib keeps the address of the stream and checks it, so the stream may not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Throws: `.inputOutput` when there is no memory.
    init() throws(StoreError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw StoreError(.inputOutput, "zlib could not start to decompress (code \(code)); is memory short?") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses one raw deflate stream; false unless the stream is all of `input` and its bytes exactly fill `output`.
    func decompress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard begin(input, output) else { return false }
        return inflate(stream, Z_FINISH) == Z_STREAM_END && isUsedUp
    }

    /// The same, and the bits between the end of the stream and the next byte are zero, as deflate leaves them. Slower.
    func decompressStrictly(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard begin(input, output) else { return false }
        // Stop behind each deflate block: behind the last one `data_type` tells how many bits of the last byte are left over.
        let isBehindLastBlock: Int32 = 64 | 128
        repeat {
            guard inflate(stream, Z_BLOCK) == Z_OK else { return false }
        } while stream.pointee.data_type & isBehindLastBlock != isBehindLastBlock
        let leftover = stream.pointee.data_type & 7
        guard isUsedUp, let last = input.last, leftover == 0 || last >> UInt8(8 - leftover) == 0 else { return false }
        return inflate(stream, Z_FINISH) == Z_STREAM_END
    }

    private func begin(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) -> Bool {
        guard inflateReset(stream) == Z_OK else { return false }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = uInt(output.count)
        return true
    }

    private var isUsedUp: Bool { stream.pointee.avail_in == 0 && stream.pointee.avail_out == 0 }
}
