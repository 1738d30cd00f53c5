import CZlib

/// Compresses blocks one by one into raw deflate streams (RFC 1951), with one zlib state for all of them.
final class Deflater {
    // zlib keeps the address of the stream and checks it, so the stream may not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 1 to 9.
    /// - Throws: `.inputOutput` when there is no memory.
    init(level: Int32) throws(StoreError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = deflateInit2_(stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw StoreError(.inputOutput, "zlib could not start to compress (code \(code)); is memory short?") }
    }

    deinit {
        // Does nothing, and says so, when there is no state.
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses all of `input` into one stream.
    ///
    /// - Returns: bytes of the stream, or nil when `output` is too small for it.
    func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        guard deflateReset(stream) == Z_OK else { return nil }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = uInt(output.count)
        guard deflate(stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return output.count - Int(stream.pointee.avail_out)
    }
}
